import type { ReportBuilder } from './replay-report.ts';

/** Rows of numbers, the first of them a time, with the file and line each came from. */
export class RowTable {
  readonly width: number;
  readonly #files: string[] = [];
  #numbers: Float64Array;
  /** Two integers a row: the index of its file and its line. */
  #origins: Uint32Array;
  #length = 0;
  #ascending = true;

  constructor(width: number) {
    this.width = width;
    this.#numbers = new Float64Array(1024 * width);
    this.#origins = new Uint32Array(2048);
  }

  get length(): number {
    return this.#length;
  }

  /** The number of a row in a column. */
  at(row: number, column: number): number {
    return this.#numbers[row * this.width + column] ?? Number.NaN;
  }

  /** Starts the rows of a file. */
  beginFile(name: string): void {
    this.#files.push(name);
  }

  /** Adds a row of the file begun last. */
  push(numbers: Float64Array, line: number): void {
    if ((this.#length + 1) * this.width > this.#numbers.length) this.#grow();
    if (this.#length > 0 && !((numbers[0] ?? 0) > this.at(this.#length - 1, 0))) this.#ascending = false;
    const begin = this.#length * this.width;
    for (let column = 0; column < this.width; column += 1)
      this.#numbers[begin + column] = numbers[column] ?? Number.NaN;
    this.#origins[this.#length * 2] = this.#files.length - 1;
    this.#origins[this.#length * 2 + 1] = line;
    this.#length += 1;
  }

  /**
   * Puts the rows in the order of time and leaves one of each: of equal rows the first, of rows in conflict the first
   * read. The rest goes into the report. Does nothing to rows that ascend, as nearly all do.
   */
  tidy(report: ReportBuilder): void {
    if (this.#ascending) return;
    const order = Array.from({ length: this.#length }, (_, row) => row).sort(
      (a, b) => this.at(a, 0) - this.at(b, 0) || a - b,
    );
    const kept = new RowTable(this.width);
    let last = -1;
    for (const row of order) {
      if (last >= 0 && this.at(row, 0) === this.at(last, 0)) {
        this.#tellTwin(row, last, report);
        continue;
      }
      kept.push(this.#numbers.subarray(row * this.width, (row + 1) * this.width), 0);
      last = row;
    }
    this.#numbers = kept.#numbers;
    this.#length = kept.#length;
    this.#ascending = true;
  }

  #tellTwin(row: number, first: number, report: ReportBuilder): void {
    const origin = this.#origin(row);
    for (let column = 1; column < this.width; column += 1) {
      if (this.at(row, column) === this.at(first, column)) continue;
      const other = this.#origin(first);
      const where = other.file === origin.file ? `line ${other.line}` : `${other.file} line ${other.line}`;
      report.conflict({ ...origin, reason: `${where} has other values for the same time and is kept` });
      return;
    }
    report.duplicate(origin.file);
  }

  #origin(row: number): { readonly file: string; readonly line: number } {
    return { file: this.#files[this.#origins[row * 2] ?? 0] ?? '', line: this.#origins[row * 2 + 1] ?? 0 };
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const origins = new Uint32Array(this.#origins.length * 2);
    origins.set(this.#origins);
    this.#origins = origins;
  }
}
