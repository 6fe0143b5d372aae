// What translated Python needs of Python and NumPy: arrays of numbers with up to three axes, their
// operators, indices and sums, and a few functions of lists and texts. Nothing of networks.

class $Array {
  constructor(shape, data) {
    this.shape = shape;
    this.data = data;
  }
  get ndim() { return this.shape.length; }
  get size() { return this.data.length; }
  get real() { return this; }
  get T() {
    if (this.ndim > 2) throw new Error("T: got three axes; expected at most two");
    return this.mT;
  }
  get mT() {
    const { shape, data } = this;
    const [rows, columns] = [shape[shape.length - 2], shape[shape.length - 1]];
    const turned = shape.length > 2 ? [shape[0], columns, rows] : [columns, rows];
    return new $Array(turned, rows === 1 || columns === 1 ? data : $turned(data, rows, columns));
  }
  *[Symbol.iterator]() {
    for (let i = 0; i < this.shape[0]; i++) yield $item(this, i);
  }
}

// Large arrays are made at once: what grows is copied again and again.
const $LARGE = 1000;
const $room = (n) => (n < $LARGE ? [] : new Float64Array(n));
const $typed = (data) => (Array.isArray(data) ? Float64Array.from(data) : data); // one kind: twice as fast
function $turned(data, rows, columns) {
  const found = $room(data.length);
  for (let start = 0, place = 0; start < data.length; start += rows * columns) {
    for (let j = 0; j < columns; j++) {
      for (let i = 0; i < rows; i++) found[place++] = data[start + i * columns + j];
    }
  }
  return found;
}

const $size = (shape) => shape.reduce((product, n) => product * n, 1);
const $array = (values) => {
  if (values instanceof $Array) return values;
  if (typeof values === "number") return new $Array([], [values]);
  const parts = [...values].map($array);
  return new $Array([parts.length, ...(parts[0]?.shape ?? [])], parts.flatMap((part) => (Array.isArray(part.data) ? part.data : [...part.data])));
};
const $asarray = $array;
const $shaped = (shape) => (typeof shape === "number" ? [shape] : shape);
const $full = (shape, value) => new $Array($shaped(shape), new Array($size($shaped(shape))).fill(value));
const $zeros = (shape) => $full(shape, 0);
const $ones = (shape) => $full(shape, 1);
const $eye = (n) => new $Array([n, n], Array.from({ length: n * n }, (_, k) => Number(k % (n + 1) === 0)));
const $reshape = (array, ...shape) => new $Array(shape.flat(), array.data);
const $tolist = (array) => (array.ndim > 1 ? [...array].map($tolist) : [...array.data]);

// Random numbers from a counter: counter.uniform and counter.normal.
const $GOLDEN = 0x9e3779b9;
function $mixed(h) {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
function $hashed(seed, size) {
  const start = $mixed((seed + $GOLDEN) | 0);
  const found = new Int32Array(size);
  for (let k = 0; k < size; k++) found[k] = $mixed($mixed(k) ^ start);
  return found;
}
function $uniform(seed, shape) {
  const hashes = $hashed(seed, $size($shaped(shape)));
  return new $Array($shaped(shape), Array.from(hashes, (h) => ((h >>> 0) + 0.5) / 2 ** 32));
}
function $normal(seed, shape) {
  const found = Float64Array.from($hashed(seed, $size($shaped(shape))));
  for (let k = 0; k < found.length; k++) {
    let [h, total] = [found[k] | 0, 6];
    for (let j = 1; j < 7; j++) {
      h = (h + $GOLDEN) | 0;
      const part = $mixed(h);
      total += (part & 0xffff) + (part >>> 16);
    }
    const r = (total / 65536 - 6) / 4;
    const s = r * r;
    found[k] = ((((0.029899776 * s + 0.008355968) * s + 0.076542912) * s + 0.252408784) * s + 3.949846138) * r;
  }
  return new $Array($shaped(shape), found);
}

// --- element by element -----------------------------------------------------------------------

function $same(a, b) {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}
// How far apart the elements of an array are along each axis of a result: 0 where it is repeated.
function $strides(shape, result) {
  const found = new Array(result.length).fill(0);
  let step = 1;
  for (let k = 1; k <= shape.length; k++) {
    if (shape.at(-k) > 1) found[result.length - k] = step;
    step *= shape.at(-k);
  }
  return found;
}
const $together = (arrays) => ((shape) => [shape, arrays.map((array) => $spread(array, shape))])($common(arrays));
function $common(arrays) {
  const ndim = Math.max(...arrays.map((array) => array.ndim));
  return Array.from({ length: ndim }, (_, k) => {
    const sizes = arrays.map((array) => array.shape.at(k - ndim)).map((n, i) => (arrays[i].ndim >= ndim - k ? n : 1));
    const size = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.some((n) => n !== 1 && n !== size)) throw new Error(`shapes ${JSON.stringify(arrays.map((a) => a.shape))} do not go together`);
    return size;
  });
}
function $spread(array, shape) {
  if ($same(array.shape, shape)) return array.data;
  const padded = [...new Array(3 - shape.length).fill(1), ...shape];
  const [a, b, c] = $strides(array.shape, padded);
  const [given, data] = [array.data, $room($size(shape))];
  for (let i = 0, k = 0; i < padded[0]; i++) {
    for (let j = 0; j < padded[1]; j++) {
      for (let l = 0, at = i * a + j * b; l < padded[2]; l++, at += c) data[k++] = given[at];
    }
  }
  return data;
}
const $unary = (f) => (a) => {
  if (!(a instanceof $Array)) return f(a);
  const { shape, data } = a;
  const found = $room(data.length);
  for (let k = 0; k < data.length; k++) found[k] = f(data[k]);
  return new $Array(shape, found);
};
const $binary = (f) => (a, b) => {
  if (!(a instanceof $Array)) return b instanceof $Array ? $unary((y) => f(a, y))(b) : f(a, b);
  if (!(b instanceof $Array)) return $unary((x) => f(x, b))(a);
  let [shape, p, q] = [a.shape, a.data, b.data];
  const row = b.shape.length === 1 && q.length === shape[shape.length - 1]; // at once: a layer's bias
  if (!row && !$same(shape, b.shape)) [shape, [p, q]] = $together([a, b]);
  const found = $room(p.length);
  for (let k = 0, j = 0; k < p.length; k++, j++) {
    if (j === q.length) j = 0;
    found[k] = f(p[k], q[j]);
  }
  return new $Array(shape, found);
};
const $elementwise = (f) => {
  if (f.length === 1) return $unary(f);
  if (f.length === 2) return $binary(f);
  return (...given) => {
    if (!given.some((one) => one instanceof $Array)) return f(...given);
    const [shape, parts] = $together(given.map($array));
    return new $Array(shape, parts[0].map((_, k) => f(...parts.map((part) => part[k]))));
  };
};

const $addition = $binary((a, b) => a + b);
const $add = (a, b) => {
  if (typeof a === "number" && typeof b === "number") return a + b;
  return Array.isArray(a) ? [...a, ...b] : $addition(a, b);
};
function $repeat(list, times) {
  const found = [];
  for (let k = 0; k < times; k++) found.push(...list);
  return found;
}
const $product = $binary((a, b) => a * b);
const $mul = (a, b) => {
  if (typeof a === "number" && typeof b === "number") return a * b;
  if (Array.isArray(a)) return $repeat(a, b);
  if (b.size >= $LARGE && typeof a === "number") return $scaled(a, b);
  if (a.size >= $LARGE && b.shape?.length > 1) return $crossed(a, b);
  return typeof a === "string" ? a.repeat(b) : $product(a, b);
};
function $scaled(factor, { shape, data }) {
  const found = new Float64Array(data.length);
  for (let k = 0; k < found.length; k++) found[k] = factor * data[k];
  return new $Array(shape, found);
}
// Every row or column of one by the other's, of large arrays: nothing is repeated first.
function $crossed(a, b) {
  const shape = $common([a, b]);
  const padded = [...new Array(3 - shape.length).fill(1), ...shape];
  const [[a0, a1, a2], [b0, b1, b2]] = [a, b].map((one) => $strides(one.shape, padded));
  const [p, q, found] = [$typed(a.data), $typed(b.data), new Float64Array($size(shape))];
  for (let i = 0, k = 0; i < padded[0]; i++) {
    for (let j = 0; j < padded[1]; j++) {
      for (let l = 0, x = i * a0 + j * a1, y = i * b0 + j * b1; l < padded[2]; l++, x += a2, y += b2) found[k++] = p[x] * q[y];
    }
  }
  return new $Array(shape, found);
}
const $sub = $binary((a, b) => a - b);
const $div = $binary((a, b) => a / b);
const $pow = $binary((a, b) => a ** b);
const $floordiv = $binary((a, b) => Math.floor(a / b));
const $mod = $binary((a, b) => ((a % b) + b) % b);
const $neg = $unary((a) => -a);
const $pos = $unary((a) => +a);
const $lt = $binary((a, b) => a < b);
const $le = $binary((a, b) => a <= b);
const $gt = $binary((a, b) => a > b);
const $ge = $binary((a, b) => a >= b);
const $equal = (a, b) => (Array.isArray(a) && Array.isArray(b)
  ? a.length === b.length && a.every((x, k) => $equal(x, b[k])) : a === b || (a instanceof $Key && a.name === b.name));
const $eq = $binary($equal);
const $ne = $binary((a, b) => !$equal(a, b));
const $exp = $unary(Math.exp);
const $log = $unary(Math.log);
const $log1p = $unary(Math.log1p);
const $log2 = $unary(Math.log2);
const $floor = $unary(Math.floor);
const $rint = $unary((x) => (Math.abs(x) < 2 ** 51 ? x + 1.5 * 2 ** 52 - 1.5 * 2 ** 52 : x)); // the even one of two
const $sqrt = $unary(Math.sqrt);
const $cosh = $unary(Math.cosh);
const $isfinite = $unary(Number.isFinite);
const $isfinite_ = Number.isFinite;
const $where = $elementwise((test, a, b) => (test ? a : b));

// --- products and sums ------------------------------------------------------------------------

function $matmul(a, b) {
  if (a.shape.length === 1) return new $Array([b.shape.at(-1)], $matmul($cut(a, null), b).data);
  const [p, q, far, wide] = [a.data, b.data, a.shape.length, b.shape.length];
  const [n, inner, m] = [a.shape[far - 2], a.shape[far - 1], b.shape[wide - 1]];
  if (b.shape[wide - 2] !== inner) throw new Error(`shapes ${a.shape} and ${b.shape} do not go together`);
  const stacks = Math.max(p.length / (n * inner), q.length / (inner * m));
  const [left, right] = [p.length > n * inner ? n * inner : 0, q.length > inner * m ? inner * m : 0];
  const shape = far > 2 || wide > 2 ? [stacks, n, m] : [n, m];
  if (stacks * n * inner * m >= $LARGE) return new $Array(shape, $products($typed(p), $typed(q), left, right, shape, inner));
  const found = [];
  for (let s = 0; s < stacks; s++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        let sum = 0;
        for (let k = 0, x = s * left + i * inner, y = s * right + j; k < inner; k++, x++, y += m) sum += p[x] * q[y];
        found.push(sum);
      }
    }
  }
  return new $Array(shape, found);
}
function $dot(p, q, x, y, n) {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += p[x + k] * q[y + k];
  return sum;
}
// The same sums in the same order, of large arrays: row by row, as they lie in memory, four terms at once.
function $products(p, q, left, right, shape, inner) {
  const [n, m] = shape.slice(-2);
  const found = new Float64Array($size(shape));
  for (let start = 0, s = 0; start < found.length; start += n * m, s++) {
    for (let i = 0; i < n; i++) {
      const row = start + i * m;
      if (m === 1) found[row] = $dot(p, q, s * left + i * inner, s * right, inner);
      else for (let k = 0, x = s * left + i * inner, y = s * right; k < inner;) {
        const a = p[x];
        if (k + 4 > inner) {
          for (let j = 0; j < m; j++) found[row + j] += a * q[y + j];
          [k, x, y] = [k + 1, x + 1, y + m];
          continue;
        }
        const b = p[x + 1];
        const c = p[x + 2];
        const d = p[x + 3];
        for (let j = 0, z = y; j < m; j++, z++) {
          found[row + j] = found[row + j] + a * q[z] + b * q[z + m] + c * q[z + 2 * m] + d * q[z + 3 * m];
        }
        [k, x, y] = [k + 4, x + 4, y + 4 * m];
      }
    }
  }
  return found;
}
// One number for each line of elements along an axis; without an axis, for all of them.
const $reduction = (f, first, last) => function reduced(values, axis = null, keepdims = false) {
  if (Array.isArray(axis)) return axis.reduce((sum, one) => reduced(sum, one, keepdims), values); // from the end: (-2, -1)
  const { shape, data } = values instanceof $Array ? values : $array(values);
  const place = axis < 0 ? axis + shape.length : axis;
  let [along, after] = [data.length, 1];
  if (axis !== null) {
    along = shape[place];
    for (let k = place + 1; k < shape.length; k++) after *= shape[k];
  }
  const found = [];
  for (let start = 0; start < data.length; start += along * after) {
    for (let j = start; j < start + after; j++) {
      let value = first;
      for (let k = j; k < j + along * after; k += after) value = f(value, data[k]);
      found.push(last ? last(value, along) : value);
    }
  }
  if (axis === null && !keepdims) return found[0] ?? first;
  const left = [];
  for (let k = 0; k < shape.length; k++) {
    if (axis !== null && k !== place) left.push(shape[k]);
    else if (keepdims) left.push(1);
  }
  return left.length ? new $Array(left, found) : found[0];
};
const $sum = $reduction((a, b) => a + b, 0);
const $mean = $reduction((a, b) => a + b, 0, (total, n) => total / n);
const $mmax = $reduction(Math.max, -Infinity);
const $prod = (of) => [...of].reduce((product, x) => product * x, 1);
const $total = (of, start = 0) => [...of].reduce($add, start);
const $max = (...given) => (given[0] instanceof $Array ? $mmax(...given) : Math.max(...given.flat()));
const $min = (...given) => Math.min(...given.flat());

// --- indices ------------------------------------------------------------------------------------

const $slice = (start, stop, step) => ({ start, stop, step });
function $places(index, n) {
  if (typeof index === "number") return [index < 0 ? index + n : index];
  const step = index.step ?? 1;
  const end = (at, none) => (at === null ? none : Math.min(Math.max(at < 0 ? at + n : at, step < 0 ? -1 : 0), step < 0 ? n - 1 : n));
  const [from, to] = [end(index.start, step < 0 ? n - 1 : 0), end(index.stop, step < 0 ? -1 : n)];
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, k) => from + k * step);
}
function $item(of, at) {
  if (Array.isArray(of) && typeof at === "number") {
    const k = at < 0 ? at + of.length : at;
    if (!(k < of.length)) throw new Error(`no element ${at} of ${of.length}`);
    return of[k];
  }
  if (of instanceof $Array) return $cut(of, ...(Array.isArray(at) ? at : [at]));
  if (typeof of === "string" || Array.isArray(of)) {
    const found = $places(at, of.length).map((k) => of[k]);
    return typeof of === "string" ? found.join("") : found;
  }
  if (!Object.hasOwn(of, at)) throw new Error(`no ${at}`);
  return of[at];
}
// The part of an array at these numbers and slices; null makes an axis.
function $cut(array, ...index) {
  let [data, shape, axis] = [array.data, array.shape, 0];
  if (index.length === shape.length && index.every((k) => typeof k === "number" && k >= 0)) {
    return data[index.reduce((place, k, axis) => place * shape[axis] + k, 0)];
  }
  for (const one of index) {
    if (one === null) shape = shape.toSpliced(axis++, 0, 1);
    else {
      const after = $size(shape.slice(axis + 1));
      const places = $places(one, shape[axis]);
      const before = $size(shape.slice(0, axis));
      const found = [];
      for (let i = 0; i < before; i++) {
        for (const k of places) {
          for (let j = 0; j < after; j++) found.push(data[(i * shape[axis] + k) * after + j]);
        }
      }
      data = found;
      shape = typeof one === "number" ? shape.toSpliced(axis, 1) : shape.with(axis++, places.length);
    }
  }
  return shape.length ? new $Array(shape, data) : data[0];
}
function $set(of, at, value) {
  if (of instanceof $Array) throw new Error("an array's elements are not set");
  of[Array.isArray(of) && at < 0 ? at + of.length : at] = value;
}
function $ndindex(...shape) {
  let found = [[]];
  for (const n of shape.flat()) found = found.flatMap((index) => $range(n).map((k) => [...index, k]));
  return found;
}
const $ndenumerate = (array) => [...$ndindex(array.shape)].map((index, k) => [index, array.data[k]]);

// --- Python ---------------------------------------------------------------------------------------

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
const $or = (a, b) => (typeof a === "object" && !(a instanceof $Array) ? { ...a, ...b } : $elementwise((x, y) => x || y)(a, b));
const $grown = (a, b) => {
  if (!Array.isArray(a)) return $add(a, b);
  for (const one of b) a.push(one);
  return a;
};
const $updated = (a, b) => (a instanceof $Array || typeof a !== "object" ? $or(a, b) : Object.assign(a, b));
const $and = $binary((a, b) => a && b);
function $range(...ends) {
  const [start, stop, step = 1] = ends.length > 1 ? ends : [0, ends[0]];
  const found = [];
  for (let k = start; step > 0 ? k < stop : k > stop; k += step) found.push(k);
  return found;
}
const $reversed = (of) => [...of].reverse();
const $enumerate = (of, start = 0) => [...of].map((one, k) => [start + k, one]);
function $zip(...given) {
  const lists = given.map((of) => [...of]);
  const found = [];
  for (let k = 0; lists.every((list) => k < list.length); k++) found.push(lists.map((list) => list[k]));
  return found;
}
const $list = (of = []) => [...(typeof of[Symbol.iterator] === "function" ? of : Object.keys(of))];
const $tuple = $list;
const $dict = (pairs = []) => (Array.isArray(pairs) ? Object.fromEntries(pairs) : { ...pairs });
const $sorted = (of, key = (one) => one) => [...of].sort((a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b))));
const $all = (of) => [...(of.data ?? of)].every($truth);
const $any = (of) => [...(of.data ?? of)].some($truth);
const $abs = $unary(Math.abs);
const $int = (of) => Math.trunc(Number(of));
const $float = Number;
const $str = (of) => (of === null ? "None" : of === true ? "True" : of === false ? "False" : String(of));
const $round = (value, digits = 0) => Number($fixed(value, digits));
const $append = (list, x) => { list.push(x); };
const $copy = (of) => (Array.isArray(of) ? [...of] : of instanceof $Array ? new $Array(of.shape, [...of.data]) : { ...of });
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
const $snap = $unary((value) => Number(value.toPrecision(12)));
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
