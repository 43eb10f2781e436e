export { OpenAiModel } from './open-ai-model.ts';
export type { OpenAiModelOptions } from './open-ai-options.ts';
