package dev.ancestral.model.hmm;

/** Which states a chain may begin in and which may follow which; the rest has probability zero. */
enum Topology {
  /** Anything may follow anything. */
  ERGODIC,
  /** Begins in state 0, and each step stays or goes on to the next state (Bakis). */
  LEFT_RIGHT;

  boolean begins(int state) {
    return this == ERGODIC || state == 0;
  }

  boolean follows(int state, int next) {
    return this == ERGODIC || next == state || next == state + 1;
  }
}
