import type { Clock, Release } from '../clock/clock.ts';
import { PerpDeskError } from '../errors/perpdesk-error.ts';
import { ValidationError } from '../errors/validation-error.ts';
import { type Logger, silentLogger } from '../logger/logger.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { Health, Service } from '../ports/service.ts';
import { DeskInstruments } from '../telemetry/desk-instruments.ts';

/** Options of {@link Desk}. */
export interface DeskOptions {
  /** In the order of starting. Names are unique. */
  readonly services: readonly Service[];
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Where `service.failed` is published. It is neither started nor closed by the desk. */
  readonly eventBus?: EventBus;
  /** Names of services without which the desk does not start. Default: none. */
  readonly required?: readonly string[];
  /** How often services are asked how they are. Default 10,000. */
  readonly healthEveryMs?: number;
  /** How long a service may take to stop before the desk goes on without it. Default 5,000. */
  readonly stopWithinMs?: number;
  readonly instruments?: DeskInstruments;
}

/** A service and how it is. */
export interface ServiceHealth {
  readonly service: string;
  readonly health: Health;
}

/**
 * Services with one life: started in order, stopped in reverse. One that does not start, or fails later, is logged and told
 * as `service.failed`; the others run on. The desk knows services by their port only.
 * @example
 * await using desk = new Desk({ services: [positions, brix], clock });
 * await desk.start();
 */
export class Desk {
  readonly #services: readonly Service[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #eventBus: EventBus | undefined;
  readonly #required: ReadonlySet<string>;
  readonly #healthEveryMs: number;
  readonly #stopWithinMs: number;
  readonly #instruments: DeskInstruments;
  readonly #running: Service[] = [];
  /** Why services failed, by name. */
  readonly #failures = new Map<string, string>();
  readonly #stopping = new AbortController();
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #cancelHealthTimer: Release | undefined;

  /** @throws ValidationError `desk.duplicate-service`, `desk.unknown-service` */
  constructor(options: DeskOptions) {
    this.#services = [...options.services];
    this.#clock = options.clock;
    this.#logger = options.logger ?? silentLogger;
    this.#eventBus = options.eventBus;
    this.#required = new Set(options.required);
    this.#healthEveryMs = options.healthEveryMs ?? 10_000;
    this.#stopWithinMs = options.stopWithinMs ?? 5_000;
    this.#instruments = options.instruments ?? new DeskInstruments();
    const names = new Set<string>();
    for (const { name } of this.#services) {
      if (names.has(name))
        throw new ValidationError('desk.duplicate-service', `There are two services named "${name}".`);
      names.add(name);
    }
    const unknown = [...this.#required].find((name) => !names.has(name));
    if (unknown !== undefined)
      throw new ValidationError('desk.unknown-service', `There is no service "${unknown}" to require.`);
  }

  /**
   * Starts the services one after another. Called again it gives the same start.
   * @throws PerpDeskError when a required service does not start, with that service's code and reason; what had started is
   * stopped then. Rejects with the signal's reason when aborted.
   */
  start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#started ??= this.#start(options.signal);
    return this.#started;
  }

  /** Stops what was started, in reverse; a start under way is aborted first. Never rejects. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** How each service is, in the order of starting. */
  health(): readonly ServiceHealth[] {
    return this.#services.map((service) => ({ service: service.name, health: this.#healthOf(service) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #start(outer: AbortSignal | undefined): Promise<void> {
    const signal = outer === undefined ? this.#stopping.signal : AbortSignal.any([outer, this.#stopping.signal]);
    for (const service of this.#services) {
      if (signal.aborted) break;
      try {
        await service.start({ signal });
        this.#running.push(service);
        this.#logger.debug({ service: service.name }, 'a service runs');
      } catch (error) {
        await this.#stopOne(service);
        if (signal.aborted) break;
        await this.#fail(service.name, messageOf(error));
        if (!this.#required.has(service.name)) continue;
        await this.#stopRunning();
        throw startFailure(service.name, error);
      }
    }
    if (signal.aborted) {
      await this.#stopRunning();
      throw signal.reason;
    }
    this.#watchHealth();
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new PerpDeskError('desk.stopped', 'The desk was stopped while it started.'));
    this.#cancelHealthTimer?.();
    // Whoever called start hears of its failure.
    await Promise.allSettled([this.#started]);
    await this.#stopRunning();
  }

  async #stopRunning(): Promise<void> {
    this.#cancelHealthTimer?.();
    for (let service = this.#running.pop(); service !== undefined; service = this.#running.pop())
      await this.#stopOne(service);
  }

  /** Services never throw when stopping, and are waited for no longer than agreed: the others must be stopped too. */
  async #stopOne(service: Service): Promise<void> {
    let cancel: Release | undefined;
    const late = new Promise<'late'>((resolve) => {
      cancel = this.#clock.setTimer(this.#stopWithinMs, () => resolve('late'));
    });
    try {
      const outcome = await Promise.race([service.stop(), late]);
      if (outcome === 'late')
        this.#logger.error({ service: service.name, withinMs: this.#stopWithinMs }, 'a service did not stop in time');
    } catch (error) {
      this.#logger.error({ service: service.name, error }, 'a service threw while it stopped');
    } finally {
      cancel?.();
    }
  }

  #watchHealth(): void {
    if (this.#stopping.signal.aborted) return;
    this.#cancelHealthTimer = this.#clock.setTimer(this.#healthEveryMs, () => {
      const release = this.#clock.hold();
      void this.#lookAfter().finally(() => {
        release();
        this.#watchHealth();
      });
    });
  }

  async #lookAfter(): Promise<void> {
    for (const service of [...this.#running]) {
      const health = this.#healthOf(service);
      if (health.status !== 'failed') this.#failures.delete(service.name);
      else if (!this.#failures.has(service.name)) await this.#fail(service.name, health.detail);
    }
  }

  async #fail(service: string, message: string): Promise<void> {
    this.#failures.set(service, message);
    this.#instruments.failed(service);
    this.#logger.error({ service, message }, 'a service failed');
    try {
      await this.#eventBus?.publish({ type: 'service.failed', key: service, payload: { service, message } });
    } catch (error) {
      this.#logger.error({ service, error }, 'the failure of a service could not be published');
    }
  }

  #healthOf(service: Service): Health {
    if (!this.#running.includes(service)) {
      const detail = this.#failures.get(service.name);
      return detail === undefined ? { status: 'stopped' } : { status: 'failed', detail };
    }
    try {
      return service.health();
    } catch (error) {
      return { status: 'failed', detail: messageOf(error) };
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Keeps the code, by which a front end knows whose mistake it is. */
function startFailure(service: string, cause: unknown): PerpDeskError {
  const code = PerpDeskError.is(cause) ? cause.code : 'desk.service-failed';
  return new PerpDeskError(code, `The service "${service}" did not start: ${messageOf(cause)}`, { cause });
}
