import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { TlsFacts } from "../../event/api-call.ts";

/**
 * What was agreed with the client; undefined for plain HTTP. Node names the key exchange on sockets that it opened, not on
 * those that it accepted, so `keyExchange` is absent unless a version of Node says otherwise.
 */
export function tlsFacts(socket: Socket): TlsFacts | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const version = socket.getProtocol();
  if (version === null) return undefined;
  const exchange = socket.getEphemeralKeyInfo();
  const name = exchange !== null && "name" in exchange ? String(exchange.name) : "";
  return { version, cipherSuite: socket.getCipher().name, ...(name === "" ? {} : { keyExchange: name }) };
}
