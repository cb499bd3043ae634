// What is said about samples: percentiles and ratios, nothing that assumes a distribution.

/** @param {number[]} samples @param {number} part from 0 to 1; between two samples it interpolates */
export function percentile(samples, part) {
  const sorted = Float64Array.from(samples).sort();
  const position = (sorted.length - 1) * part;
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/** @param {number[]} samples */
export function median(samples) {
  return percentile(samples, 0.5);
}

/** @param {number[]} samples */
export function summarise(samples) {
  return { samples: samples.length, p50: median(samples), p99: percentile(samples, 0.99) };
}

/**
 * Adds to each row how many times the reference's value its own is.
 *
 * @template {{ name: string }} Row
 * @param {Row[]} rows
 * @param {{ key: string, of: string, as: string }} options `key` of the row named `of`, put into `as`
 */
export function addRatios(rows, { key, of, as }) {
  const reference = rows.find(({ name }) => name === of)[key];
  return rows.map((row) => ({ ...row, [as]: row[key] / reference }));
}
