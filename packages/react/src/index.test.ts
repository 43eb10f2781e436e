// biome-ignore lint/correctness/noNodejsModules: tests run on Node
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as react from './index.ts';

it('default: the public surface', () => {
  expect(Object.keys(react).sort()).toMatchInlineSnapshot(`
    [
      "DeskProvider",
      "DeskStore",
      "initialState",
      "keptRoutes",
      "useAccounts",
      "useApprovals",
      "useCandles",
      "useChat",
      "useConnected",
      "useDesk",
      "useDeskActions",
      "useDeskStore",
      "useEvents",
      "useInstruments",
      "useOpinions",
      "useOrders",
      "usePositions",
      "usePredictions",
      "useProposals",
      "useResource",
      "useRounds",
      "useStatus",
      "useTicker",
      "useTrackRecords",
    ]
  `);
});

it('behavior: each module that imports React says "use client" first', () => {
  const source = new URL('./', import.meta.url);
  const modules = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/testing\/|\.test\./.test(path))
    .map((path) => ({ path, text: readFileSync(new URL(path, source), 'utf8') }))
    .filter(({ text }) => text.includes("from 'react'"));
  expect(modules.length).toBeGreaterThanOrEqual(6);
  expect(modules.filter(({ text }) => !text.startsWith("'use client';\n")).map(({ path }) => path)).toEqual([]);
});

it('behavior: no browser global is needed to load it', () => {
  expect('document' in globalThis).toBe(false);
});
