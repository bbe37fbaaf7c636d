/** Decides whether a client has asked too often within a minute; nobody is counted while no rate is set. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const minuteSeconds = 60;

/**
 * Makes the count. Its function resolves with the seconds after which this client may ask again, or with undefined when
 * it may now.
 */
export function createRate(perMinute: () => number | undefined): (client: string) => Promise<number | undefined> {
  let limiter: RateLimiterMemory | undefined;
  return async (client) => {
    const points = perMinute();
    if (points === undefined) return undefined;
    if (limiter?.points !== points) limiter = new RateLimiterMemory({ points, duration: minuteSeconds });
    try {
      await limiter.consume(client);
      return undefined;
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      throw refused;
    }
  };
}
