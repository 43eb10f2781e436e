// The barrel of @perpdesk/agents/checkpoints: LangGraph's checkpoints in SQLite or PostgreSQL.
export { openCheckpoints } from './open-checkpoints.ts';
export type { CheckpointRetention, SqlCheckpointSaver, SqlCheckpointSaverOptions } from './sql-checkpoint-saver.ts';
