package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import java.util.Optional;

/**
 * One thing that was looked at.
 *
 * @param what was looked at
 * @param state that it was found in
 * @param detail of the state; for a problem also how to mend it
 */
public record Finding(String what, State state, String detail) {

  /** How bad it is. */
  public sealed interface State permits Good, Doubtful, Bad {}

  /** Nothing to do. */
  public record Good() implements State {}

  /** A run works, but perhaps not as meant. */
  public record Doubtful() implements State {}

  /**
   * A run would end.
   *
   * @param kind with which it would be refused
   */
  public record Bad(ErrorCode kind) implements State {}

  static Finding good(String what, String detail) {
    return new Finding(what, new Good(), detail);
  }

  static Finding doubtful(String what, String detail) {
    return new Finding(what, new Doubtful(), detail);
  }

  static Finding bad(String what, ErrorCode kind, String detail) {
    return new Finding(what, new Bad(kind), detail);
  }

  /** Why a run would end, if it would. */
  public Optional<ErrorCode> refusal() {
    return state instanceof Bad bad ? Optional.of(bad.kind()) : Optional.empty();
  }

  /** One line for a person. */
  public String line() {
    String mark =
        state instanceof Good ? "ok     " : state instanceof Doubtful ? "note   " : "PROBLEM";
    return mark + "  " + what + ": " + detail;
  }
}
