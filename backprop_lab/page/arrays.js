// What translated Python needs of NumPy: arrays of numbers with up to three axes, their operators,
// indices and sums, and random numbers from a counter. Nothing of networks.

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
    const rows = shape[shape.length - 2], columns = shape[shape.length - 1];
    const turned = shape.length > 2 ? [shape[0], columns, rows] : [columns, rows];
    return new $Array(turned, rows === 1 || columns === 1 ? data : $turned(data, rows, columns));
  }
  *[Symbol.iterator]() {
    for (let i = 0; i < this.shape[0]; i++) yield $item(this, i);
  }
}

// The elements of an array: a list of its whole length, which holds numbers and nothing else, and so is
// stored as doubles from its first on. A typed array is no faster to read, and takes many times as long to make.
function $room(n) {
  const found = new Array(n);
  if (n > 0) found[0] = 0.5;
  return found;
}
function $kept(values) {
  const found = $room(values.length);
  for (let k = 0; k < found.length; k++) found[k] = values[k];
  return found;
}
function $turned(data, rows, columns) {
  const found = $room(data.length);
  for (let start = 0, place = 0; start < data.length; start += rows * columns) {
    for (let j = 0; j < columns; j++) {
      for (let i = 0, at = start + j; i < rows; i++, at += columns) found[place++] = data[at];
    }
  }
  return found;
}

const $size = (shape) => shape.reduce((product, n) => product * n, 1);
const $array = (values) => {
  if (values instanceof $Array) return values;
  if (typeof values === "number") return new $Array([], $kept([values]));
  const parts = [...values].map($array);
  return new $Array([parts.length, ...(parts[0]?.shape ?? [])], $kept(parts.flatMap((part) => part.data)));
};
const $asarray = $array;
const $shaped = (shape) => (typeof shape === "number" ? [shape] : shape);
const $full = (shape, value) => new $Array($shaped(shape), $room($size($shaped(shape))).fill(value));
const $zeros = (shape) => $full(shape, 0);
const $ones = (shape) => $full(shape, 1);
const $eye = (n) => new $Array([n, n], $kept($range(n * n).map((k) => Number(k % (n + 1) === 0))));
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
  return new $Array($shaped(shape), $kept(Array.from(hashes, (h) => ((h >>> 0) + 0.5) / 2 ** 32)));
}
function $normal(seed, shape) {
  const hashes = $hashed(seed, $size($shaped(shape)));
  const found = $room(hashes.length);
  for (let k = 0; k < found.length; k++) {
    let h = hashes[k], total = 6;
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

// A function of numbers as one of numbers and arrays: the operators and functions, $sub or $exp, which stand
// behind this script, and formulas. Each brings a loop over arrays, and what calls it of numbers.
const $elementwise = (f, loop, call) => {
  const line = loop(f);
  if (f.length === 1) return call(f, (a) => (a instanceof $Array ? new $Array(a.shape, line(a.data, $room(a.data.length))) : f(a)));
  return call(f, (a, b) => (a instanceof $Array || b instanceof $Array ? $lines($operand(a), $operand(b), line) : f(a, b)));
};
const $NUMBER = new $Array([], $room(1)); // where one operand is no array
function $operand(a) {
  if (typeof a === "object") return $array(a);
  $NUMBER.data[0] = a;
  return $NUMBER;
}
function $same(a, b) {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}
// The size of an axis, counted from the last, 1; of one that is not there, 1.
const $along = (shape, k) => (k > shape.length ? 1 : shape[shape.length - k]);
function $common(a, b) {
  const found = [];
  for (let k = Math.max(a.length, b.length); k > 0; k--) {
    const m = $along(a, k), n = $along(b, k);
    if (m !== n && m !== 1 && n !== 1) throw new Error(`shapes ${JSON.stringify([a, b])} do not go together`);
    found.push(m === 1 ? n : m);
  }
  return found;
}
// How far apart elements are along each axis, from the last: 0 where an array is repeated.
function $steps(shape) {
  const one = $along(shape, 1), two = $along(shape, 2);
  return [one > 1 ? 1 : 0, two > 1 ? one : 0, $along(shape, 3) > 1 ? one * two : 0];
}
// A line at a time: of both arrays as a whole, if they lie alike or one is a number.
function $lines(a, b, line) {
  const shape = a.shape, p = a.data, q = b.data;
  if ($same(shape, b.shape) || (q.length === 1 && shape.length >= b.shape.length)) {
    const found = $room(p.length);
    line(p, 0, 1, q, 0, q.length === 1 ? 0 : 1, found, 0, p.length);
    return new $Array(shape, found);
  }
  if (p.length === 1 && shape.length <= b.shape.length) {
    const found = $room(q.length);
    line(p, 0, 0, q, 0, 1, found, 0, q.length);
    return new $Array(b.shape, found);
  }
  const whole = $common(shape, b.shape);
  const found = $room($size(whole));
  const x = $steps(shape), y = $steps(b.shape), n = $along(whole, 1), rows = $along(whole, 2);
  for (let i = 0, k = 0; k < found.length; i++) {
    for (let j = 0; j < rows; j++, k += n) line(p, i * x[2] + j * x[1], x[0], q, i * y[2] + j * y[1], y[0], found, k, k + n);
  }
  return new $Array(whole, found);
}
const $where = (test, a, b) => {
  const given = [test, a, b];
  if (!given.some((one) => one instanceof $Array)) return test ? a : b;
  const all = $zeros(given.map((one) => one.shape ?? []).reduce($common));
  const [p, q, r] = given.map((one) => $first(one, all).data);
  for (let k = 0; k < p.length; k++) all.data[k] = p[k] ? q[k] : r[k];
  return all;
};

// --- products and sums ------------------------------------------------------------------------

function $matmul(a, b) {
  if (a.shape.length === 1) return new $Array([b.shape.at(-1)], $matmul($cut(a, null), b).data);
  const p = a.data, q = b.data, far = a.shape.length, wide = b.shape.length;
  const n = a.shape[far - 2], inner = a.shape[far - 1], m = b.shape[wide - 1];
  if (b.shape[wide - 2] !== inner) throw new Error(`shapes ${a.shape} and ${b.shape} do not go together`);
  const stacks = Math.max(p.length / (n * inner), q.length / (inner * m));
  const left = p.length > n * inner ? n * inner : 0;
  const right = q.length > inner * m ? inner * m : 0;
  const found = $room(stacks * n * m);
  for (let s = 0; s < stacks; s++) {
    // Two rows and four columns at once: eight sums, for each the same order of terms.
    for (let i = 0; i < n; i += 2) {
      const next = i + 1 < n ? i + 1 : i;
      const x = s * left + i * inner, z = s * left + next * inner;
      const at = (s * n + i) * m, below = (s * n + next) * m;
      let j = 0;
      for (; j + 4 <= m; j += 4) $block(p, x, z, q, s * right + j, inner, m, found, at + j, below + j);
      for (; j < m; j++) {
        found[at + j] = $dot(p, x, q, s * right + j, inner, m);
        if (next > i) found[below + j] = $dot(p, z, q, s * right + j, inner, m);
      }
    }
  }
  return new $Array(far > 2 || wide > 2 ? [stacks, n, m] : [n, m], found);
}
function $dot(p, x, q, y, inner, m) {
  let sum = 0;
  for (const end = x + inner; x < end; x++, y += m) sum += p[x] * q[y];
  return sum;
}
function $block(p, x, z, q, y, inner, m, found, at, below) {
  let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0; // [a, b] = … takes several times as long here
  for (const end = x + inner; x < end; x++, z++, y += m) {
    const u = p[x], v = p[z], k = q[y], l = q[y + 1], r = q[y + 2], t = q[y + 3];
    a += u * k; b += u * l; c += u * r; d += u * t;
    e += v * k; f += v * l; g += v * r; h += v * t;
  }
  found[at] = a; found[at + 1] = b; found[at + 2] = c; found[at + 3] = d;
  found[below] = e; found[below + 1] = f; found[below + 2] = g; found[below + 3] = h;
}
// One number for each line of elements along an axis; without an axis, for all of them. line: of so many
// elements, from a place on, so far apart.
const $reduction = (line, last) => function reduced(values, axis = null, keepdims = false) {
  if (Array.isArray(axis)) return axis.reduce((sum, one) => reduced(sum, one, keepdims), values); // from the end: (-2, -1)
  const { shape, data } = $array(values);
  const place = axis < 0 ? axis + shape.length : axis;
  let along = data.length, after = 1;
  const left = [];
  if (axis !== null) {
    along = shape[place];
    for (let k = place + 1; k < shape.length; k++) after *= shape[k];
  }
  for (let k = 0; k < shape.length; k++) {
    if (axis !== null && k !== place) left.push(shape[k]);
    else if (keepdims) left.push(1);
  }
  const found = $room(axis === null ? 1 : data.length / along);
  for (let k = 0; k < found.length; k++) {
    const j = k % after;
    const value = line(data, (k - j) * along + j, after, along);
    found[k] = last ? last(value, along) : value;
  }
  return left.length ? new $Array(left, found) : found[0];
};
function $added(data, at, step, count) {
  let sum = 0;
  for (let k = 0; k < count; k++, at += step) sum += data[at];
  return sum;
}
function $largest(data, at, step, count) {
  let found = -Infinity;
  for (let k = 0; k < count; k++, at += step) found = Math.max(found, data[at]);
  return found;
}
const $sum = $reduction($added);
const $mean = $reduction($added, (total, n) => total / n);
const $mmax = $reduction($largest);
const $prod = (of) => [...of].reduce((product, x) => product * x, 1);
const $total = (of, start = 0) => [...of].reduce($add, start);
const $max = (...given) => (given[0] instanceof $Array ? $mmax(...given) : Math.max(...(given.length > 1 ? given : given[0])));
const $min = (...given) => Math.min(...(given.length > 1 ? given : given[0]));

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
  if (typeof at === "number" && Array.isArray(of)) {
    const k = at < 0 ? at + of.length : at;
    if (!(k < of.length)) throw new Error(`no element ${at} of ${of.length}`);
    return of[k];
  }
  if (typeof at === "string") {
    if (!Object.hasOwn(of, at)) throw new Error(`no ${at}`);
    return of[at];
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
      const found = $room(before * places.length * after);
      for (let i = 0, to = 0; i < before; i++) {
        for (const k of places) {
          for (let j = 0, at = (i * shape[axis] + k) * after; j < after; j++) found[to++] = data[at++];
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
