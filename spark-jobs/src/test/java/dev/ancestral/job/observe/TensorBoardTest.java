package dev.ancestral.job.observe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.UnknownFieldSet;
import dev.ancestral.data.Storage;
import dev.ancestral.job.status.ProgressListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, read back by Google's parser and by a CRC computed bit by bit. */
class TensorBoardTest {
  @TempDir Path folder;

  /** CRC-32C as RFC 3720 defines it: reflected polynomial 0x82f63b78. */
  private static int crc32c(byte[] bytes) {
    int crc = ~0;
    for (byte next : bytes) {
      crc ^= next & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0x82f63b78);
      }
    }
    return ~crc;
  }

  private static int masked(byte[] bytes) {
    int crc = crc32c(bytes);
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  @Test
  void the_crc_is_that_of_the_published_examples() {
    // RFC 3720, B.4: 32 bytes of zeros, and of ones; and the usual check value.
    assertEquals(0x8a9136aa, crc32c(new byte[32]));
    byte[] ones = new byte[32];
    Arrays.fill(ones, (byte) 0xFF);
    assertEquals(0x62a8ab43, crc32c(ones));
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertEquals(0xe3069283, crc32c(digits));
    for (byte[] bytes : List.of(new byte[32], ones, digits)) {
      assertEquals(masked(bytes), TensorBoardRecord.maskedCrc(bytes, bytes.length));
    }
  }

  /**
   * The 24 bytes of brain.Event:2 with which all event files begin, and the CRC of their length.
   */
  @Test
  void the_first_record_begins_like_those_of_tensorflow() {
    byte[] record = TensorBoardRecord.version(1.0);
    assertEquals(
        "1800000000000000" + "a37f4b22" + "09000000000000f03f" + "1a0d627261696e2e4576656e743a32",
        HexFormat.of().formatHex(record, 0, record.length - 4));
  }

  /** An event as the parser sees it. */
  private record Event(double wallTime, long step, String version, Map<String, Float> scalars) {}

  private static List<Event> events(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(in.position(), length);
      byte[] data = new byte[(int) in.getLong()];
      assertEquals(masked(length), in.getInt());
      in.get(data);
      assertEquals(masked(data), in.getInt());
      UnknownFieldSet event = UnknownFieldSet.parseFrom(data);
      Map<String, Float> scalars = new LinkedHashMap<>();
      for (var summary : event.getField(5).getLengthDelimitedList()) {
        for (var bytes : UnknownFieldSet.parseFrom(summary).getField(1).getLengthDelimitedList()) {
          UnknownFieldSet value = UnknownFieldSet.parseFrom(bytes);
          scalars.put(
              value.getField(1).getLengthDelimitedList().get(0).toStringUtf8(),
              Float.intBitsToFloat(value.getField(2).getFixed32List().get(0)));
        }
      }
      List<Long> step = event.getField(2).getVarintList();
      var version = event.getField(3).getLengthDelimitedList();
      events.add(
          new Event(
              Double.longBitsToDouble(event.getField(1).getFixed64List().get(0)),
              step.isEmpty() ? 0 : step.get(0),
              version.isEmpty() ? "" : version.get(0).toStringUtf8(),
              scalars));
    }
    return events;
  }

  private static List<JsonNode> rounds(int count) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (int round = 1; round <= count; round++) {
      lines.add(
          new ObjectMapper()
              .readTree(
                  "{\"round\":"
                      + round
                      + ",\"step\":"
                      + 300 * round
                      + ",\"train_nats\":-"
                      + (100.5 - round)
                      + ",\"seconds\":2,\"note\":\"text\"}"));
    }
    return lines;
  }

  @Test
  void every_round_is_in_one_file_whatever_was_interrupted() throws IOException {
    Storage storage = new Storage(new Configuration());
    org.apache.hadoop.fs.Path run = storage.path(folder.toString());
    TensorBoardFiles first =
        new TensorBoardFiles(storage, run, new Warning(ProgressListener.silent()));
    first.committed(rounds(1), false);
    first.committed(rounds(2), false); // A moment later: it waits.
    first.failed(true);
    TensorBoardFiles second =
        new TensorBoardFiles(storage, run, new Warning(ProgressListener.silent()));
    second.committed(rounds(3), false);
    second.committed(rounds(5), true);
    second.finished();
    List<Path> files = new ArrayList<>();
    try (var all = Files.list(folder.resolve("tensorboard"))) {
      all.sorted().forEach(files::add);
    }
    assertEquals(
        List.of(
            "events.out.tfevents.0000000001-0000000001.ancestral",
            "events.out.tfevents.0000000002-0000000003.ancestral",
            "events.out.tfevents.0000000004-0000000005.ancestral"),
        files.stream().map(file -> file.getFileName().toString()).toList());
    List<Event> rounds = new ArrayList<>();
    for (Path file : files) {
      List<Event> events = events(file);
      assertEquals("brain.Event:2", events.get(0).version());
      rounds.addAll(events.subList(1, events.size()));
    }
    assertEquals(5, rounds.size());
    for (int i = 0; i < 5; i++) {
      Event event = rounds.get(i);
      assertEquals(300L * (i + 1), event.step());
      assertEquals(
          Map.of("round", (float) (i + 1), "train_nats", -(99.5f - i), "seconds", 2f),
          event.scalars());
    }
    assertEquals(2, rounds.get(2).wallTime() - rounds.get(1).wallTime(), 1e-3);
    byte[] before = Files.readAllBytes(files.get(2));
    second.committed(rounds(5), true);
    assertArrayEquals(before, Files.readAllBytes(files.get(2)));
  }
}
