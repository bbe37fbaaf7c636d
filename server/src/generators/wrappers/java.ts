/** Decides how a wrapper around a model provider's API reads in Java. */
import type { WrapperSubject } from '../wrapper.ts';

export function javaWrapper(subject: WrapperSubject): string {
  const { label, baseURL, model, keyVariable, tokenLimit } = subject;
  const name = /^[A-Z][A-Za-z0-9]*$/.test(subject.stem) ? subject.stem : 'LlmClient';
  return `import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Asks ${label}'s models: with a time limit, retries and errors that say what to do. */
public final class ${name} {
    private static final URI API_URL = URI.create("${baseURL}/chat/completions");
    private static final String MODEL = "${model}";
    private static final String API_KEY_ENV = "${keyVariable}";
    private static final Set<Integer> RETRIED_STATUSES = Set.of(408, 409, 429, 500, 502, 503, 504);
    private static final int MAX_RETRIES = 3;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final ObjectMapper json = new ObjectMapper();
    private final URI url;

    public ${name}() {
        this(API_URL);
    }

    public ${name}(URI url) {
        this.url = url;
    }

    /** A call that failed. The status is that of HTTP, 0 where no answer came. */
    public static final class LlmException extends IOException {
        private final int status;

        LlmException(String message, int status, Throwable cause) {
            super(message, cause);
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    /** Returns the model's answer to a prompt. The system text may be null. */
    public String complete(String system, String prompt) throws IOException, InterruptedException {
        String key = System.getenv(API_KEY_ENV);
        if (key == null || key.isBlank()) {
            throw new LlmException("Set the environment variable " + API_KEY_ENV + " to your API key.", 0, null);
        }
        List<Map<String, String>> messages = new ArrayList<>();
        if (system != null) {
            messages.add(Map.of("role", "system", "content", system));
        }
        messages.add(Map.of("role", "user", "content", prompt));
        byte[] body = json.writeValueAsBytes(Map.of("model", MODEL, "messages", messages, "${tokenLimit}", 1024));
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + key.strip())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        for (int attempt = 0; ; attempt++) {
            boolean isLast = attempt >= MAX_RETRIES;
            String retryAfter = null;
            try {
                HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
                int status = response.statusCode();
                if (status == 200) {
                    return textOf(response.body());
                }
                if (isLast || !RETRIED_STATUSES.contains(status)) {
                    throw new LlmException(messageOf(status, response.body()), status, null);
                }
                retryAfter = response.headers().firstValue("Retry-After").orElse(null);
            } catch (LlmException failure) {
                throw failure;
            } catch (IOException failure) {
                if (isLast) {
                    throw new LlmException("No answer from " + url + ".", 0, failure);
                }
            }
            Thread.sleep(pauseMillis(attempt, retryAfter));
        }
    }

    private String textOf(String body) throws IOException {
        JsonNode content = json.readTree(body).at("/choices/0/message/content");
        if (content.isMissingNode()) {
            throw new LlmException("The answer is not a chat completion.", 200, null);
        }
        return content.asText("");
    }

    private static String messageOf(int status, String body) {
        if (status == 401 || status == 403) {
            return "The API key in " + API_KEY_ENV + " was refused (HTTP " + status + ").";
        }
        return "HTTP " + status + ": " + body.substring(0, Math.min(500, body.length()));
    }

    /** What the server asks for, else twice as long each time, with some chance in it. */
    private static long pauseMillis(int attempt, String retryAfter) {
        if (retryAfter != null && retryAfter.matches("\\\\d{1,5}")) {
            return Math.min(Long.parseLong(retryAfter), 60) * 1000;
        }
        double seconds = Math.min(Math.pow(2, attempt), 20) * (0.5 + ThreadLocalRandom.current().nextDouble() / 2);
        return (long) (seconds * 1000);
    }
}
`;
}
