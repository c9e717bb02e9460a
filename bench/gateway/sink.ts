/** An upstream that takes whole bodies and throws them away; by hand, so that it is never the slowest of the chain. */
import { createServer, type Socket } from "node:net";

const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nx-amz-request-id: 0123456789ABCDEF\r\n\r\n");

const server = createServer({ noDelay: true }, (socket) => {
  let head = "";
  let left = 0;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    if (left === 0 || head !== "") {
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) return;
      if (/^transfer-encoding: *chunked/im.test(head.slice(0, end))) return chunked(socket, head.slice(end + 4));
      left = Number(/^content-length: *(\d+)/im.exec(head.slice(0, end))?.[1] ?? 0) - (head.length - end - 4);
      head = "";
    } else {
      left -= chunk.length;
    }
    if (left <= 0) socket.write(ANSWER);
  });
});

/** nginx and others may pass a body on in chunks; its end is enough to know. */
function chunked(socket: Socket, start: string): void {
  let tail = start.slice(-5);
  const isEnd = (): boolean => tail === "0\r\n\r\n";
  if (isEnd()) return void socket.write(ANSWER);
  socket.removeAllListeners("data");
  socket.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.subarray(-5).toString("latin1")).slice(-5);
    if (isEnd()) socket.write(ANSWER);
  });
}

server.listen(0, "127.0.0.1", () => console.log(`ready at http://127.0.0.1:${(server.address() as { port: number }).port}`));
