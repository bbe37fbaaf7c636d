/** Decides how a wrapper around a model provider's API reads in Ruby. */
import type { WrapperSubject } from '../wrapper.ts';

export function rubyWrapper({ label, baseURL, model, keyVariable, tokenLimit }: WrapperSubject): string {
  return `# frozen_string_literal: true

require "json"
require "net/http"
require "uri"

# Asks ${label}'s models: with a time limit, retries and errors that say what to do.
module LlmClient
  API_URL = "${baseURL}/chat/completions"
  MODEL = "${model}"
  API_KEY_ENV = "${keyVariable}"
  RETRIED_STATUSES = [408, 409, 429, 500, 502, 503, 504].freeze

  # A call that failed. The status is that of HTTP, nil where no answer came.
  class Error < StandardError
    attr_reader :status

    def initialize(message, status = nil)
      super(message)
      @status = status
    end
  end

  module_function

  # Returns the model's answer to a prompt.
  def complete(prompt, system: nil, model: MODEL, max_tokens: 1024, temperature: nil, timeout: 30, max_retries: 3, url: API_URL)
    key = ENV.fetch(API_KEY_ENV, "").strip
    raise Error, "Set the environment variable #{API_KEY_ENV} to your API key." if key.empty?

    messages = []
    messages << { role: "system", content: system } if system
    messages << { role: "user", content: prompt }
    body = JSON.generate({ model: model, messages: messages, ${tokenLimit}: max_tokens, temperature: temperature }.compact)
    (0..max_retries).each do |attempt|
      is_last = attempt == max_retries
      retry_after = nil
      begin
        response = post(URI(url), key, body, timeout)
        status = response.code.to_i
        return text_of(response.body) if status == 200
        raise Error.new(message_of(status, response.body), status) if is_last || !RETRIED_STATUSES.include?(status)

        retry_after = response["Retry-After"]
      rescue SystemCallError, Timeout::Error, IOError, SocketError => e
        raise Error, "No answer from #{url}: #{e.message}" if is_last
      end
      sleep(pause(attempt, retry_after))
    end
  end

  def post(uri, key, body, timeout)
    options = { use_ssl: uri.scheme == "https", open_timeout: timeout, read_timeout: timeout, max_retries: 0 }
    Net::HTTP.start(uri.host, uri.port, **options) do |http|
      http.post(uri.request_uri, body, "Authorization" => "Bearer #{key}", "Content-Type" => "application/json")
    end
  end

  def text_of(body)
    message = JSON.parse(body).dig("choices", 0, "message")
    raise Error, "The answer is not a chat completion." if message.nil?

    message["content"].to_s
  rescue JSON::ParserError
    raise Error, "The answer is not JSON."
  end

  def message_of(status, body)
    return "The API key in #{API_KEY_ENV} was refused (HTTP #{status})." if [401, 403].include?(status)

    "HTTP #{status}: #{body.to_s[0, 500]}"
  end

  # What the server asks for, else twice as long each time, with some chance in it.
  def pause(attempt, retry_after)
    return [retry_after.to_i, 60].min if retry_after&.match?(/\\A\\d+\\z/)

    [2**attempt, 20].min * (0.5 + rand / 2)
  end
end
`;
}
