export { DbosWorkflowEngine, type DbosWorkflowEngineOptions } from './dbos-workflow-engine.ts';
