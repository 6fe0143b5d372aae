// What translated Python needs of Python: operators and functions that take lists and texts too,
// formats of numbers, and keys of quantities. Behind arrays.js; nothing of networks.

const $add = (a, b) => (typeof a !== "number" && Array.isArray(a) ? [...a, ...b] : $sum_of(a, b));
function $repeat(list, times) {
  const found = [];
  for (let k = 0; k < times; k++) found.push(...list);
  return found;
}
const $mul = (a, b) => {
  if (typeof a === "number" || a instanceof $Array) return $product(a, b);
  return typeof a === "string" ? a.repeat(b) : $repeat(a, b);
};
const $equal = (a, b) => (Array.isArray(a) && Array.isArray(b)
  ? a.length === b.length && a.every((x, k) => $equal(x, b[k])) : a === b || (a instanceof $Key && a.name === b.name));
const $isfinite_ = Number.isFinite;

// What a function has given is kept: so many results, the oldest goes first.
function $cached(of, most) {
  const kept = new Map();
  return (...given) => {
    const key = JSON.stringify(given);
    if (!kept.has(key)) {
      if (kept.size >= most) kept.delete(kept.keys().next().value);
      kept.set(key, of(...given));
    }
    return kept.get(key);
  };
}
class $ValueError extends Error { name = "ValueError"; }
const $len = (of) => of.length ?? of.shape?.[0] ?? Object.keys(of).length;
const $truth = (of) => (typeof of === "object" && of !== null && !(of instanceof $Key) ? $len(of) > 0 : of !== 0 && of !== null && of !== "" && of !== false && of !== undefined);
const $both = (a, b) => ($truth(a) ? b() : a);
const $either = (a, b) => ($truth(a) ? a : b());
const $is = (a, b) => (a ?? null) === (b ?? null);
const $isnot = (a, b) => !$is(a, b);
const $in = (one, of) => (typeof of === "string" ? of.includes(one) : Array.isArray(of) ? of.some((x) => $equal(x, one)) : Object.hasOwn(of, one));
const $notin = (one, of) => !$in(one, of);
const $or = (a, b) => (typeof a === "object" && !(a instanceof $Array) ? { ...a, ...b } : $any_of(a, b));
const $grown = (a, b) => {
  if (!Array.isArray(a)) return $add(a, b);
  for (const one of b) a.push(one);
  return a;
};
const $updated = (a, b) => (a instanceof $Array || typeof a !== "object" ? $or(a, b) : Object.assign(a, b));
function $range(...ends) {
  const [start, stop, step = 1] = ends.length > 1 ? ends : [0, ends[0]];
  const found = [];
  for (let k = start; step > 0 ? k < stop : k > stop; k += step) found.push(k);
  return found;
}
const $reversed = (of) => [...of].reverse();
const $enumerate = (of, start = 0) => [...of].map((one, k) => [start + k, one]);
function $zip(...given) {
  const lists = given.map((of) => (Array.isArray(of) ? of : [...of]));
  return $range(Math.min(...lists.map((list) => list.length))).map((k) => lists.map((list) => list[k]));
}
const $list = (of = []) => [...(typeof of[Symbol.iterator] === "function" ? of : Object.keys(of))];
const $tuple = $list;
const $dict = (pairs = []) => (Array.isArray(pairs) ? Object.fromEntries(pairs) : { ...pairs });
const $sorted = (of, key = (one) => one) => [...of].sort((a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b))));
const $all = (of) => [...(of.data ?? of)].every($truth);
const $any = (of) => [...(of.data ?? of)].some($truth);
const $int = (of) => Math.trunc(Number(of));
const $float = Number;
const $str = (of) => (of === null ? "None" : of === true ? "True" : of === false ? "False" : String(of));
const $round = (value, digits = 0) => (digits ? Number($fixed(value, digits)) : $rint(value));
const $append = (list, x) => { list.push(x); };
const $copy = (of) => (Array.isArray(of) ? [...of] : of instanceof $Array ? new $Array(of.shape, $kept(of.data)) : { ...of });
const $get = (of, key, otherwise = null) => (Object.hasOwn(of, key) ? of[key] : otherwise);
const $items = Object.entries;
const $keys = Object.keys;
const $values = Object.values;
const $join = (text, texts) => [...texts].join(text);
const $replace = (text, old, now) => text.replaceAll(old, now);
const $split = (text, at) => text.split(at);
const $startswith = (text, start) => text.startsWith(start);
const $fullmatch = (pattern, text) => {
  const found = text.match(new RegExp(`^(?:${pattern.source})$`, pattern.flags));
  return found && { groups: found.slice(1).map((group) => group ?? null) };
};
const $groups = (found) => found.groups;
const $is_integer = Number.isInteger;
const $isnan = Number.isNaN;
const $perf_counter = () => performance.now() / 1000;
const $log10 = Math.log10;
const $getattr = (of, name, otherwise) => of?.[name] ?? otherwise;
const $index = (list, x) => {
  const place = list.findIndex((one) => $equal(one, x));
  if (place < 0) throw new $ValueError(`${x} is not in the list`);
  return place;
};
const $count = (list, x) => list.filter((one) => $equal(one, x)).length;
const $rstrip = (text, letters = " \t\n") => text.slice(0, [...text].findLastIndex((letter) => !letters.includes(letter)) + 1);
const $translate = (text, table) => [...text].map((letter) => {
  const to = table[letter.codePointAt(0)];
  return to === undefined ? letter : String.fromCodePoint(to);
}).join("");
const $strip = (text) => text.trim();
const $quoted = (text) => encodeURIComponent(text).replace(/[!*'()]/g, (letter) => `%${letter.charCodeAt().toString(16).toUpperCase()}`);
const $unquoted = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};
const $lower = (text) => text.toLowerCase();
// So many decimals; a number that lies in the middle goes to the even one, as in Python.
function $fixed(value, digits) {
  const text = value.toFixed(digits);
  const places = Math.abs(value) * 10 ** digits;
  if (places < 2 ** 52 && places - Math.floor(places) !== 0.5) return text;
  const exact = value.toFixed(digits + 25);
  const middle = exact.endsWith(`5${"0".repeat(24)}`);
  return middle && Number(text.at(-1)) % 2 ? exact.slice(0, -25).replace(/\.$/, "") : text;
}
function $general(value, digits) {
  let [front, power] = value.toExponential(digits - 1).split("e");
  const [exact, at] = value.toExponential(digits + 24).split("e");
  const cut = exact.slice(0, -25).replace(/\.$/, "");
  if (exact.endsWith(`5${"0".repeat(24)}`) && Number(cut.at(-1)) % 2 === 0) [front, power] = [cut, at];
  const beyond = power < -4 || power >= digits;
  return beyond ? `${Number(front)}e${power[0]}${power.slice(1).padStart(2, "0")}` : String(Number(`${front}e${power}`));
}
// As Python writes numbers: ".4f", "z.4f", "+.4f", ".3g", ",", ",.1f".
function $format(value, form) {
  const [known, sign, zero, group, digits, kind] = /^(\+?)(z?)(,?)(?:\.(\d+)([fg]))?$/.exec(form) ?? [];
  if (!known) throw new Error(`no format ${form}`);
  let text = kind ? { f: $fixed, g: $general }[kind](value, Number(digits)) : String(value);
  if (zero && Number(text) === 0) text = text.replace("-", "");
  if (group) text = text.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+(?!\d))/g, ","));
  return sign && !text.startsWith("-") ? `+${text}` : text;
}

// keys.Key: a quantity's kind and place, and the name that they make.
class $Key {
  constructor(parts) { [this.parts, this.kind, this.name] = [parts, parts[0], parts.join("_")]; }
  get new() { return $key("new", ...this.parts); }
  by(at) { return $key(...this.parts, "by", ...at.parts); }
  toString() { return this.name; }
  [Symbol.iterator]() { return this.parts.values(); }
}
const $key = (...parts) => new $Key(parts);
