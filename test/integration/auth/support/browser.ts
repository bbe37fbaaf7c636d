/** Decides how a test logs in at the provider as a person would: a browser with cookies that fills in the forms it is shown. */

const maxSteps = 20;

/** Follows an authorization URL through login and consent, and gives what the redirect back to the client carries. */
export async function logIn(start: URL, login: string, redirectUrl: string): Promise<URLSearchParams> {
  const cookies = new Map<string, string>();
  let request: { url: URL; form?: URLSearchParams } = { url: start };
  for (let step = 0; step < maxSteps; step++) {
    const { url, form } = request;
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form !== undefined && { method: 'POST', body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    const text = await response.text();
    if (location !== null) {
      const next = new URL(location, url);
      if (next.href.startsWith(redirectUrl)) return next.searchParams;
      request = { url: next };
    } else request = filledIn(text, url, login);
  }
  throw new Error(`no way back to the client within ${maxSteps} steps`);
}

/** The form of a page, with a name and a password where it asks for them. */
function filledIn(page: string, at: URL, login: string): { url: URL; form: URLSearchParams } {
  const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
  if (action === undefined) throw new Error(`${at.href} shows no form: ${page.slice(0, 500)}`);
  const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const form = new URLSearchParams({ prompt, ...(prompt === 'login' && { login, password: 'any' }) });
  return { url: new URL(action, at), form };
}
