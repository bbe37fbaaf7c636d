/** Decides how bytes reach the server that no HTTP client would send. */
import { connect } from 'node:net';

/** Sends the bytes, and what the server answers until it closes, is silent for a moment, or 2 s are over. */
export function sendRaw({ hostname, port }: URL, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let answer = '';
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(200, end);
    const timer = setTimeout(end, 2000);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    // A server that closes at once has answered: with a refusal to listen.
    socket.on('error', end);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.end(bytes);
  });
}
