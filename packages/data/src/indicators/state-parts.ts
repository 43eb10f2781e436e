/** How many numbers a state of several steps takes. */
export const totalOf = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/** The states of several steps as views of one, in the order of their sizes. */
export function partsOf<const Sizes extends readonly number[]>(
  state: Float64Array,
  sizes: Sizes,
): { readonly [Index in keyof Sizes]: Float64Array };
export function partsOf(state: Float64Array, sizes: readonly number[]): readonly Float64Array[] {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return state.subarray(start - size, start);
  });
}
