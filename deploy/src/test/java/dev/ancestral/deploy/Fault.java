package dev.ancestral.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Something that goes wrong in the course of a training.
 *
 * @param kind of fault
 * @param round after whose commit it strikes; 0: before there is one
 * @param delayMillis after that
 * @param choice among the processes that it can strike: the remainder by their number
 */
record Fault(Kind kind, int round, long delayMillis, int choice) {
  private static final long LONGEST_DELAY_MILLIS = 400;
  // A first round begins some seconds after its process.
  private static final long LONGEST_START_MILLIS = 5000;

  /** What goes wrong. */
  enum Kind {
    EXECUTOR("executor killed"),
    DRIVER("driver killed"),
    PAUSED("executor stopped (SIGSTOP) for longer than the deadline"),
    LOST("worker and executor killed, not to come back");

    private final String description;

    Kind(String description) {
      this.description = description;
    }

    String description() {
      return description;
    }
  }

  /**
   * Faults at random moments of one training, in their order.
   *
   * @param rounds of the training
   */
  static List<Fault> plan(long seed, List<Kind> kinds, int rounds) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> moments = new ArrayList<>();
    for (int i = 0; i < kinds.size(); i++) {
      // Not after the last but one: there must be something left to disturb.
      moments.add(random.nextInt(rounds - 1));
    }
    moments.sort(Integer::compare);
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < kinds.size(); i++) {
      int round = moments.get(i);
      long longest = round == 0 ? LONGEST_START_MILLIS : LONGEST_DELAY_MILLIS;
      faults.add(new Fault(kinds.get(i), round, random.nextLong(longest), random.nextInt(1 << 20)));
    }
    return faults;
  }

  String when() {
    return delayMillis + " ms after " + (round == 0 ? "the start" : "round " + round);
  }
}
