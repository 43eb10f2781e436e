/** Something of a recording that can not be read. */
export interface RecordingDamage {
  readonly file: string;
  /** Where in the file, bytes. */
  readonly offset: number;
  /** A sentence without its full stop. */
  readonly reason: string;
}

/** What reading a recording came upon. Of damage the first hundred are kept. */
export interface RecordingReport {
  readonly segments: number;
  readonly updates: number;
  /** Updates that the recorder says it had to leave out. */
  readonly lost: number;
  /** Segments that were not closed in order: read up to their last whole update. */
  readonly cutOff: readonly string[];
  readonly damage: readonly RecordingDamage[];
  readonly damageCount: number;
}

const keptDamage = 100;

/** Collects a {@link RecordingReport} while a recording is read. */
export class RecordingReporter {
  readonly #damage: RecordingDamage[] = [];
  readonly #cutOff: string[] = [];
  #damageCount = 0;
  segments = 0;
  updates = 0;
  lost = 0;

  cut(file: string): void {
    this.#cutOff.push(file);
  }

  damaged(damage: RecordingDamage): void {
    this.#damageCount += 1;
    if (this.#damage.length < keptDamage) this.#damage.push(damage);
  }

  build(): RecordingReport {
    const { segments, updates, lost } = this;
    return {
      segments,
      updates,
      lost,
      cutOff: [...this.#cutOff],
      damage: [...this.#damage],
      damageCount: this.#damageCount,
    };
  }
}
