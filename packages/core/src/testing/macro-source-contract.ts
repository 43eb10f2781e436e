import assert from 'node:assert/strict';
import { macroRecordSchema } from '../domain/macro.ts';
import type { MacroSource } from '../ports/macro-source.ts';
import type { ContractCase } from './contract-case.ts';

/** Makes a source that knows at least one release. */
export type MakeMacroSource = () => Promise<{ readonly source: MacroSource; readonly close: () => Promise<void> }>;

function scenario(name: string, run: (source: MacroSource) => Promise<void>): ContractCase<MakeMacroSource> {
  return {
    name,
    run: async (make) => {
      const { source, close } = await make();
      try {
        await run(source);
      } finally {
        await close();
      }
    },
  };
}

/** What every MacroSource keeps to. */
export const macroSourceContract: readonly ContractCase<MakeMacroSource>[] = [
  scenario('default: every record is whole and says where it is from', async (source) => {
    const { records, refused } = await source.fetch();
    assert.ok(records.length > 0);
    assert.equal(refused.count, 0);
    for (const record of records) {
      macroRecordSchema.parse(record);
      assert.equal(record.source, source.name);
    }
  }),
  scenario('behavior: reading again gives the same records', async (source) => {
    const first = await source.fetch();
    assert.equal(first.unchanged, false);
    assert.deepEqual((await source.fetch()).records, first.records);
  }),
  scenario('behavior: no text carries markup or control characters', async (source) => {
    for (const { title, unit } of (await source.fetch()).records)
      assert.doesNotMatch(title + unit, /[\p{Cc}\p{Cf}<>]/u);
  }),
  scenario('error: an aborted call rejects with the reason', async (source) => {
    await assert.rejects(source.fetch({ signal: AbortSignal.abort(new Error('stopped')) }), /stopped/);
  }),
];
