import type { Counter } from '@opentelemetry/api';
import { meter } from './telemetry.ts';

/** What the desk measures: services that failed. */
export class DeskInstruments {
  readonly #failed: Counter = meter('desk').createCounter('perpdesk.services.failed', {
    description: 'Services that did not start or failed later',
  });

  failed(service: string): void {
    this.#failed.add(1, { service });
  }
}
