package dev.ancestral.job.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.data.SealedJson;

/**
 * The content of a claim: who fills a directory, or asks to.
 *
 * @param id of the claim
 * @param command that it runs
 * @param held whether it has the directory; false while it asks
 * @param number higher than that of every claim it took the directory over from
 * @param beat renewals so far; only that it changes counts
 * @param process that runs the command
 * @param since when, for people
 */
record OutputLockNote(
    String id,
    String command,
    boolean held,
    long number,
    long beat,
    ProcessIdentity process,
    String since) {

  OutputLockNote renewed() {
    return new OutputLockNote(id, command, held, number, beat + 1, process, since);
  }

  OutputLockNote held(long chosen) {
    return new OutputLockNote(id, command, true, chosen, beat + 1, process, since);
  }

  /** Whether of two that hold the directory this is the one that keeps it. */
  boolean outranks(OutputLockNote other) {
    return number != other.number ? number > other.number : id.compareTo(other.id) > 0;
  }

  /** Whether its process can be seen to run, so that no wait for a renewal is needed. */
  boolean isSeenToLive() {
    return process.isOfThisMachine() && process.isRunning();
  }

  /** For a person. */
  String describe() {
    return "'"
        + command
        + "' of process "
        + process.pid()
        + " on "
        + process.host()
        + " since "
        + since;
  }

  byte[] toJson() {
    ObjectNode json = SealedJson.object();
    json.put("command", command)
        .put("held", held)
        .put("number", number)
        .put("beat", beat)
        .put("host", process.host())
        .put("machine", process.machine())
        .put("pid", process.pid())
        .put("started", process.started())
        .put("since", since);
    return SealedJson.seal(json);
  }

  /** A claim as it was read; a damaged one counts as that of an unknown process. */
  static OutputLockNote parse(String id, byte[] content) {
    JsonNode json;
    try {
      json = SealedJson.open(content, id);
    } catch (AncestralException damaged) {
      return new OutputLockNote(
          id, "unknown", true, 0, content.length, new ProcessIdentity("unknown", "", 0, ""), "");
    }
    return new OutputLockNote(
        id,
        json.path("command").asText(),
        json.path("held").asBoolean(),
        json.path("number").asLong(),
        json.path("beat").asLong(),
        new ProcessIdentity(
            json.path("host").asText(),
            json.path("machine").asText(),
            json.path("pid").asLong(),
            json.path("started").asText()),
        json.path("since").asText());
  }
}
