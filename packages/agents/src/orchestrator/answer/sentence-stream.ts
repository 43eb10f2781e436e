/**
 * Cuts the sentences out of an answer while it is still being written: whole objects of the outermost object's array, as text. What is no JSON gives
 * none; nothing throws.
 */
export class SentenceStream {
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #object = '';
  #read = 0;

  /** Takes the next piece; an empty one begins anew. Returns the objects that it completes. */
  push(piece: string): readonly string[] {
    if (piece === '') this.#reset();
    const complete: string[] = [];
    for (const unit of piece.split('')) {
      if (this.#read >= longest) break;
      this.#read += 1;
      const opens = !this.#isText && (unit === '{' || unit === '[');
      const closes = !this.#isText && (unit === '}' || unit === ']');
      if (opens) this.#depth += 1;
      if (this.#depth >= sentenceDepth) this.#object += unit;
      if (closes) this.#depth -= 1;
      this.#readText(unit);
      if (closes && this.#depth === sentenceDepth - 1 && this.#object !== '') {
        complete.push(this.#object);
        this.#object = '';
      }
    }
    return complete;
  }

  #readText(unit: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isText && unit === '\\') this.#isEscaped = true;
    else if (unit === '"') this.#isText = !this.#isText;
  }

  #reset(): void {
    this.#depth = 0;
    this.#isText = false;
    this.#isEscaped = false;
    this.#object = '';
    this.#read = 0;
  }
}

/** The answer's object, the array in it, a sentence in that. */
const sentenceDepth = 3;
/** No more of an answer is watched. */
const longest = 20_000;
