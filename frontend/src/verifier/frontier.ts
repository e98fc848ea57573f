import { type Octets, concat, sha256 } from "../core/crypto/octets";

const nodeHash = (left: Octets, right: Octets): Promise<Octets> => sha256(concat(Uint8Array.of(1), left, right));

/** The right edge of an RFC 6962 tree: the roots of its full subtrees, left to right. */
export class Frontier {
  size: number;
  private edge: { leaves: number; hash: Octets }[] = [];

  /** Throws when a tree of this size has another number of full subtrees. */
  constructor(size: number, subtrees: Octets[]) {
    this.size = size;
    let left = BigInt(size);
    for (let bit = 1n << 53n; bit > 0n; bit >>= 1n) {
      if ((left & bit) === 0n) continue;
      const hash = subtrees[this.edge.length];
      if (hash?.length !== 32) throw new Error("its frontier is not that of a log of this size");
      this.edge.push({ leaves: Number(bit), hash });
      left -= bit;
    }
    if (this.edge.length !== subtrees.length) throw new Error("its frontier is not that of a log of this size");
  }

  async append(leafHash: Octets): Promise<void> {
    let node = { leaves: 1, hash: leafHash };
    while (this.edge.at(-1)?.leaves === node.leaves) {
      const left = this.edge.pop();
      if (left) node = { leaves: node.leaves * 2, hash: await nodeHash(left.hash, node.hash) };
    }
    this.edge.push(node);
    this.size += 1;
  }

  async root(): Promise<Octets> {
    let root: Octets | undefined;
    for (const { hash } of this.edge.toReversed()) root = root ? await nodeHash(hash, root) : hash;
    return root ?? sha256(new Uint8Array(0));
  }
}
