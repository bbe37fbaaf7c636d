/** Decides whether each caller gets a view of its own, kept while it is right and made anew when settings change. */
import { expect, test } from 'vitest';
import { testSettings } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { anonymous, type Caller } from './caller.ts';
import { createViews } from './caller-view.ts';

const sources = ['shop', 'secret'].map((name) => ({ name, path: `/code/${name}` }));
const grants = [
  { name: 'bob', codebases: ['shop'] },
  { name: 'eve', codebases: ['secret'] },
];
const whole = () => ({ engine: createStubEngine(), settings: testSettings({ sources, auth: { grants } }) });
const bob = (): Caller => ({ name: 'bob', codebases: new Set(['shop']) });

test('whoever may see everything gets everything', () => {
  const all = whole();
  const viewOf = createViews();
  expect(viewOf(all)).toBe(all);
  expect(viewOf(all, anonymous)).toBe(all);
});

test('[auth.scopes] settings show the codebases and grants of the caller only', () => {
  const { settings } = createViews()(whole(), bob());
  expect(JSON.stringify(settings.config)).not.toMatch(/secret|"eve"/);
  expect(settings.config.sources.map(({ name }) => name)).toEqual(['shop']);
  expect(settings.config.auth.grants).toEqual([grants[0]]);
});

test('a view is made once a caller', () => {
  const all = whole();
  const viewOf = createViews();
  const caller = bob();
  expect(viewOf(all, caller)).toBe(viewOf(all, caller));
  expect(viewOf(all, bob())).not.toBe(viewOf(all, caller));
});

test('a reload that changes the sources in place changes the view', () => {
  const all = whole();
  const viewOf = createViews();
  const caller = bob();
  viewOf(all, caller);
  all.settings.config.sources = testSettings({ sources: [{ name: 'shop', path: '/code/moved' }] }).config.sources;
  expect(viewOf(all, caller).settings.config.sources).toMatchObject([{ path: '/code/moved' }]);
});
