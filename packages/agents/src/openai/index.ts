export { OpenAiModel, type OpenAiModelOptions } from './open-ai-model.ts';
