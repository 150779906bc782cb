package dev.ancestral.job.badinput;

import java.io.IOException;
import java.util.List;

/**
 * One bad input and how the command that meets it must end.
 *
 * @param name what is wrong
 * @param spoil makes it wrong, in a copy of sound files
 * @param command the command line; {@code @x} is the path of x in that copy
 * @param status exit status
 * @param fragments what the message must say
 */
record BadInput(String name, Spoil spoil, String command, int status, List<String> fragments) {

  /** Makes something wrong. */
  @FunctionalInterface
  interface Spoil {
    void in(Workshop workshop) throws IOException;
  }

  BadInput {
    fragments = List.copyOf(fragments);
  }

  /** A case whose files are sound: the command itself is wrong. */
  static BadInput wrong(String name, String command, int status, String... fragments) {
    return wrong(name, workshop -> {}, command, status, fragments);
  }

  static BadInput wrong(String name, Spoil spoil, String command, int status, String... fragments) {
    return new BadInput(name, spoil, command, status, List.of(fragments));
  }

  @Override
  public String toString() {
    return name;
  }
}
