import { type Server, type Socket, connect, createServer } from "node:net";

/** A wire to the server that a test can cut: the browser's own offline switch does not reach a shared worker. */
export class Wire {
  #server: Server;
  #sockets = new Set<Socket>();
  #cut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Leads a free port to the server's. */
  static async to(target: URL): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server);
    server.on("connection", (socket) => wire.#onConnection(socket, target));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  /** An address of the server, by this wire. */
  address(of: string): string {
    const url = new URL(of);
    url.port = String((this.#server.address() as { port: number }).port);
    return url.href;
  }

  /** Ends all connections, and takes no more until it is mended. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #onConnection(socket: Socket, target: URL): void {
    if (this.#cut) return void socket.destroy();
    const far = connect(Number(target.port), "127.0.0.1");
    for (const [one, other] of [
      [socket, far],
      [far, socket],
    ] as const) {
      this.#sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    return undefined;
  }
}
