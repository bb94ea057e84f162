// --- Who is in: the sticky hash ------------------------------------------------------------------------------------

/** How many buckets there are: one for each thousandth of a percent. */
const BUCKETS = 100_000;

const utf8 = new TextEncoder();

/** MurmurHash3 x86_32 with seed 0, over UTF-8 bytes: over UTF-16 units it would be another hash for `Zoë`. */
function murmur3(text: string): number {
  const bytes = utf8.encode(text);
  const blocks = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tail = bytes.length & ~3;
  let hash = 0;
  for (let at = 0; at < tail; at += 4) {
    hash ^= scrambled(blocks.getInt32(at, true));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let last = 0;
  for (let at = bytes.length - 1; at >= tail; at -= 1) {
    last = (last << 8) | blocks.getUint8(at);
  }
  hash ^= scrambled(last);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scrambled(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

/** Scales by multiplying, not by a remainder. The product is below 2^49, so a double holds it exactly. */
function bucketOf(salt: string, userId: string): number {
  return Math.floor((murmur3(`${salt}:${userId}`) * BUCKETS) / 4_294_967_296);
}
