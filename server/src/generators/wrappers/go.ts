/** Decides how a wrapper around a model provider's API reads in Go. */
import type { WrapperSubject } from '../wrapper.ts';

export function goWrapper({ label, baseURL, model, keyVariable, tokenLimit }: WrapperSubject): string {
  return `// Package llm asks ${label}'s models: with a time limit, retries and errors that say what to do.
package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"
)

const (
	apiURL    = "${baseURL}/chat/completions"
	model     = "${model}"
	apiKeyEnv = "${keyVariable}"
)

var retriedStatuses = []int{408, 409, 429, 500, 502, 503, 504}

// Error is a call that failed; Status is the HTTP status.
type Error struct {
	Status  int
	Message string
}

func (e *Error) Error() string { return e.Message }

// Client holds what calls have in common. The zero value works.
type Client struct {
	URL         string
	Model       string
	MaxTokens   int
	MaxRetries  int
	Timeout     time.Duration
	HTTP        *http.Client
	Temperature *float64
}

type message struct {
	Role    string \`json:"role"\`
	Content string \`json:"content"\`
}

type request struct {
	Model       string    \`json:"model"\`
	Messages    []message \`json:"messages"\`
	MaxTokens   int       \`json:"${tokenLimit}"\`
	Temperature *float64  \`json:"temperature,omitempty"\`
}

type response struct {
	Choices []struct {
		Message message \`json:"message"\`
	} \`json:"choices"\`
}

// Complete returns the model's answer to a prompt.
func (c Client) Complete(ctx context.Context, system, prompt string) (string, error) {
	key := os.Getenv(apiKeyEnv)
	if key == "" {
		return "", fmt.Errorf("set the environment variable %s to your API key", apiKeyEnv)
	}
	messages := []message{{Role: "user", Content: prompt}}
	if system != "" {
		messages = append([]message{{Role: "system", Content: system}}, messages...)
	}
	body, err := json.Marshal(request{
		Model:       orElse(c.Model, model),
		Messages:    messages,
		MaxTokens:   orElse(c.MaxTokens, 1024),
		Temperature: c.Temperature,
	})
	if err != nil {
		return "", err
	}
	for attempt := 0; ; attempt++ {
		text, retryAfter, err := c.attempt(ctx, key, body)
		if err == nil {
			return text, nil
		}
		var failure *Error
		isFinal := errors.As(err, &failure) && !slices.Contains(retriedStatuses, failure.Status)
		if isFinal || attempt >= orElse(c.MaxRetries, 3) {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(pause(attempt, retryAfter)):
		}
	}
}

func (c Client) attempt(ctx context.Context, key string, body []byte) (string, string, error) {
	ctx, cancel := context.WithTimeout(ctx, orElse(c.Timeout, 30*time.Second))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, orElse(c.URL, apiURL), bytes.NewReader(body))
	if err != nil {
		return "", "", err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	res, err := orElse(c.HTTP, http.DefaultClient).Do(req)
	if err != nil {
		return "", "", fmt.Errorf("no answer: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 500))
		failure := &Error{Status: res.StatusCode, Message: fmt.Sprintf("HTTP %d: %s", res.StatusCode, text)}
		if res.StatusCode == 401 || res.StatusCode == 403 {
			failure.Message = fmt.Sprintf("the API key in %s was refused (HTTP %d)", apiKeyEnv, res.StatusCode)
		}
		return "", res.Header.Get("Retry-After"), failure
	}
	var answer response
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", "", fmt.Errorf("the answer is no JSON: %w", err)
	}
	if len(answer.Choices) == 0 {
		return "", "", &Error{Status: res.StatusCode, Message: "the answer is not a chat completion"}
	}
	return answer.Choices[0].Message.Content, "", nil
}

// pause is what the server asks for, else twice as long each time, with some chance in it.
func pause(attempt int, retryAfter string) time.Duration {
	if seconds, err := strconv.Atoi(retryAfter); err == nil {
		return time.Duration(min(seconds, 60)) * time.Second
	}
	seconds := math.Min(math.Pow(2, float64(attempt)), 20) * (0.5 + rand.Float64()/2)
	return time.Duration(seconds * float64(time.Second))
}

func orElse[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
`;
}
