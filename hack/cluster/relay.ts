/** Decides nothing: relays TCP from another address of this machine to the same port of 127.0.0.1. Usage: relay.ts ADDRESS PORT */
import { connect, createServer } from 'node:net';

const [, , address, port] = process.argv;
createServer((client) => {
  const server = connect(Number(port), '127.0.0.1');
  client.pipe(server).pipe(client);
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ] as const)
    socket.on('error', () => other.destroy());
}).listen(Number(port), address);
