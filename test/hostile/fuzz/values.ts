import type { Random } from "../support/random.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const ODD = [
  "",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "%00",
  "%",
  "%zz",
  "%E2%82",
  "a b",
  "ü€😀",
  "\u0000",
  "\ud800",
  "null",
  "-1",
  "1e999",
  "${x}",
  "<x>",
  "]]>",
  "&amp;",
  "'\"`",
  "x".repeat(3000),
];

export function word(random: Random): string {
  return random.text(random.int(1, 12), LETTERS);
}

/** Text as callers write it, and as attackers do. */
export function text(random: Random): string {
  return random.chance(0.15) ? random.pick(ODD) : word(random);
}

/** Percent-encoded, or not quite. */
export function encoded(random: Random): string {
  const plain = text(random);
  if (random.chance(0.03)) return plain.replace(/[^\x21-\x7e]|[#]/g, "%").slice(0, 500);
  return encodeURIComponent(plain.toWellFormed()).slice(0, 2000);
}

export function json(random: Random, depth = 0): string {
  const kind = random.int(0, depth > 6 ? 4 : 7);
  switch (kind) {
    case 0:
      return random.pick(["true", "false", "null", "0", "-0", "1e308", "1e999", "123456789012345678901234567890", "0.1", "1E-7"]);
    case 1:
    case 2:
    case 3:
      return JSON.stringify(text(random));
    case 4:
      return `"${random.pick(["\\u0000", "\\ud83d", "\\ud83d\\ude00", "\\/", "\\n", "\\u00e9"])}"`;
    case 5:
      return `[${Array.from({ length: random.size(12) }, () => json(random, depth + 1)).join(",")}]`;
    default:
      return `{${Array.from({ length: random.size(12) }, () => `${JSON.stringify(text(random))}:${json(random, depth + 1)}`).join(",")}}`;
  }
}

/** JSON that is none, or too much. */
export function brokenJson(random: Random): string {
  switch (random.int(0, 6)) {
    case 0:
      return "[".repeat(random.int(1, 5000));
    case 1:
      return '{"a":'.repeat(random.int(1, 3000));
    case 2:
      return json(random).slice(0, random.int(0, 40));
    case 3:
      return `{${Array.from({ length: random.int(1, 800) }, () => '"a":1').join(",")}}`;
    case 4:
      return `{"a":"${"\\u00e9".repeat(random.int(1, 2000))}"}`;
    case 5:
      return random.bytes(random.int(0, 300)).toString("latin1");
    default:
      return `{"__proto__":{"x":1},"a":${"9".repeat(random.int(1, 4000))}}`;
  }
}

export function xml(random: Random, name = "Delete", depth = 0): string {
  const children = depth > 5 ? 0 : random.size(8);
  const attribute = random.chance(0.2) ? ` ${word(random)}="${word(random)}"` : "";
  if (children <= 0) return `<${name}${attribute}>${escaped(text(random))}</${name}>`;
  const inner = Array.from({ length: children }, () =>
    xml(random, random.pick(["Object", "Key", "VersionId", "Quiet", "Part", "ETag", "Tag"]), depth + 1),
  );
  return `<${name}${attribute}>${inner.join("")}</${name}>`;
}

export function brokenXml(random: Random): string {
  switch (random.int(0, 6)) {
    case 0:
      return "<a>".repeat(random.int(1, 4000));
    case 1:
      return `<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "${"&a;".repeat(random.int(1, 500))}">]><x>&c;</x>`;
    case 2:
      return xml(random).slice(0, random.int(0, 60));
    case 3:
      return `<x ${Array.from({ length: random.int(1, 600) }, (_, at) => `a${at}="b"`).join(" ")}/>`;
    case 4:
      return `<x><![CDATA[${"]]".repeat(random.int(1, 1000))}>]]></x><!--${"-".repeat(random.int(1, 1000))}`;
    case 5:
      return `<x>${"&#x41;&#0;&lt".repeat(random.int(1, 500))}</x>`;
    default:
      return random.bytes(random.int(0, 300)).toString("latin1");
  }
}

export function form(random: Random, first: readonly string[]): string {
  const pairs = [...first];
  for (let left = random.size(20); left > 0; left -= 1) {
    const name = random.chance(0.5)
      ? `${random.pick(["Tag", "Filter", "Attributes.entry", "InstanceId", "member"])}.${random.pick(["1", "2", "0", "-1", "999999999", "x", "member.1"])}.${random.pick(["Key", "Value", "Name.1", "1"])}`
      : word(random);
    pairs.push(random.chance(0.9) ? `${name}=${encoded(random)}` : name);
  }
  return pairs.join("&");
}

/** CBOR of a map, well made for the most part. */
export function cbor(random: Random, depth = 0): Buffer {
  const kind = random.int(0, depth > 5 ? 5 : 8);
  switch (kind) {
    case 0:
      return Buffer.from([random.int(0, 0x17)]);
    case 1:
      return Buffer.concat([Buffer.from([0x1b]), random.bytes(8)]);
    case 2: {
      const bytes = Buffer.from(text(random)).subarray(0, 23);
      return Buffer.concat([Buffer.from([0x60 | bytes.length]), bytes]);
    }
    case 3:
      return Buffer.from([random.pick([0xf4, 0xf5, 0xf6, 0xf7, 0xff, 0xf8, 0x1c])]);
    case 4:
      return Buffer.concat([Buffer.from([0xfb]), random.bytes(8)]);
    case 5:
      return Buffer.concat([Buffer.from([random.pick([0x5b, 0x7b, 0x9b, 0xbb])]), random.bytes(random.int(0, 8))]);
    case 6:
      return Buffer.concat([
        Buffer.from([0x9f]),
        ...Array.from({ length: random.size(6) }, () => cbor(random, depth + 1)),
        Buffer.from([0xff]),
      ]);
    default: {
      const size = Math.max(0, random.size(8));
      const members = Array.from({ length: size }, () => {
        const name = Buffer.from(word(random));
        return [Buffer.from([0x60 | name.length]), name, cbor(random, depth + 1)];
      });
      return Buffer.concat([Buffer.from([0xa0 | size]), ...members.flat()]);
    }
  }
}

function escaped(plain: string): string {
  return plain.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
