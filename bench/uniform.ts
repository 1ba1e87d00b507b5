/** Fills an array with numbers in [low, high) that are the same in every run: a xorshift generator of 32 bits. */
export const uniform = <T extends Float64Array | Float32Array>(
  array: T,
  low: number,
  high: number,
  seed: number,
): T => {
  let state = seed * 0x9e3779b1 || 1
  for (let i = 0; i < array.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    array[i] = low + ((state >>> 0) / 2 ** 32) * (high - low)
  }
  return array
}
