// @ts-check
// What goes to the server, one after the other: an answer is stored before the next ticket is asked for, and an undo
// comes after the answer it takes back. While the server cannot be reached everything waits here, and nothing is lost.

const PAUSES = [1000, 2000, 5000, 10_000, 30_000]; // milliseconds between tries

export class Queue {
  /** @type {Change[]} */
  #jobs = [];
  #running = false;
  #tries = 0;
  #timer = 0;
  /** @type {Fault | null} */
  stalled = null; // the fault because of which all waits

  /** `changed()` is called whenever jobs come, go or wait.
   * @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
  }

  /**
   * A job: `send()` does it, `done(result)` and `refused(fault)` are told how it ended; `item` is the review
   * item it is about, `kept` the answer that it would lose.
   * @param {Change} job
   */
  push(job) {
    this.#jobs.push(job);
    this.#pump();
  }

  /** What is not stored yet. */
  get kept() {
    return this.#jobs.flatMap((job) => job.kept ?? []);
  }

  /** Whether an answer to (or a skip of) an item is still on its way.
   * @param {string} item */
  holds(item) {
    return this.#jobs.some((job) => job.item === item);
  }

  /** Takes the newest unsent answer back; undefined when all of them are on their way or stored. */
  takeBack() {
    if (!this.stalled) return undefined;
    const at = this.#jobs.findLastIndex((job) => job.kept);
    return at < 0 ? undefined : this.#jobs.splice(at, 1)[0].kept;
  }

  /** Goes on after trouble. */
  retry() {
    clearTimeout(this.#timer);
    this.stalled = null;
    this.#pump();
  }

  /** Stops with `fault` until the next `retry`.
   * @param {Fault} fault */
  stall(fault) {
    clearTimeout(this.#timer);
    this.stalled = fault;
    // Nobody can sign in for the person, everything else may pass by itself.
    if (fault.kind !== "session") {
      this.#timer = setTimeout(() => this.retry(), PAUSES[Math.min(this.#tries++, PAUSES.length - 1)]);
    }
    this.changed();
  }

  async #pump() {
    if (this.#running || this.stalled) return;
    this.#running = true;
    this.changed();
    while (this.#jobs.length && !this.stalled) {
      const job = this.#jobs[0];
      try {
        const result = await job.send();
        this.#jobs.shift();
        this.#tries = 0;
        job.done?.(result);
      } catch (error) {
        const fault = /** @type {Fault} */ (error);
        if (fault.passes === undefined) throw fault; // a defect of ours belongs in the console
        if (fault.passes) {
          this.stall(fault);
          break;
        }
        this.#jobs.shift();
        job.refused?.(fault);
      }
    }
    this.#running = false;
    this.changed();
  }
}
