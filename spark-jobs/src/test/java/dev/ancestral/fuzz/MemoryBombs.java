package dev.ancestral.fuzz;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Example;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Shard;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.ShardWriter;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.ForeignFiles;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.array.Idx;
import dev.ancestral.data.source.array.Matrix;
import dev.ancestral.data.source.image.Images;
import dev.ancestral.data.source.sequence.Sequences;
import dev.ancestral.data.source.table.ForeignTables;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.EventSpec;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.torch.TorchEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;

/**
 * Small files that claim gigabytes, and what is to come of each. The main method opens them and
 * prints, for each, the kind of the refusal, by how many kilobytes the process has grown so far at
 * most, and the message.
 */
enum MemoryBombs {
  WIDE_LAYERS(ErrorCode.MISMATCH, "the tensors are not this model's") {
    @Override
    void open(Path folder) throws IOException {
      model(folder, "vae", "{\"hidden\": [60000, 60000]}", IMAGE);
    }
  },
  MANY_LAYERS(ErrorCode.DATA, "at most 16384 of them") {
    @Override
    void open(Path folder) throws IOException {
      String dilations = "1, ".repeat(19_999) + "1";
      model(folder, "wavenet", "{\"dilations\": [" + dilations + "], \"blocks\": 1024}", SOUND);
    }
  },
  MANY_BLOCKS(ErrorCode.DATA, "there may be 16384") {
    @Override
    void open(Path folder) throws IOException {
      String dilations = "1, ".repeat(9_999) + "1";
      model(folder, "wavenet", "{\"dilations\": [" + dilations + "], \"blocks\": 1024}", SOUND);
    }
  },
  MANY_TAPS(ErrorCode.DATA, "more than 100000 parameters") {
    @Override
    void open(Path folder) throws IOException {
      model(
          folder, "wavenet", "{\"dilations\": [1, 2], \"blocks\": 1000, \"kernel\": 1024}", SOUND);
    }
  },
  SIZES_THAT_OVERFLOW(ErrorCode.DATA, "larger than any memory") {
    @Override
    void open(Path folder) throws IOException {
      model(
          folder,
          "gan",
          "{\"network\": \"dcgan\", \"latent\": 1048576, \"hidden\": [1048576]}",
          "{\"shape\": [2, 536870912, 1], \"elements\": {\"kind\": \"discrete\", \"levels\": 2}}");
    }
  },
  DESCRIPTION_OF_BRACKETS(ErrorCode.DATA, "names and values") {
    @Override
    void open(Path folder) throws IOException {
      model(folder, "vae", "{\"hidden\": [" + "[],".repeat(3 << 20) + "[]]}", IMAGE);
    }
  },
  MANIFEST_OF_BRACKETS(ErrorCode.DATA, "names and values") {
    @Override
    void open(Path folder) {
      SealedJson.open(utf8("{\"a\": [" + "[],".repeat(6 << 20) + "[]]}"), "manifest.json");
    }
  },
  MANIFEST_OF_MANY_EXAMPLES(ErrorCode.DATA, "so few bytes cannot hold as many") {
    @Override
    void open(Path folder) {
      String shard =
          "{\"file\": \"train/s.parquet\", \"firstId\": 0, \"lastId\": 499999999, \"examples\":"
              + " 500000000, \"bytes\": 1000, \"sha256\": \"\", \"contentSha256\": \"\"}";
      String split = "{\"train\": {\"inputs\": \"\", \"shards\": [" + shard + "]}}";
      String manifest =
          "{\"format\": 1, \"name\": \"n\", \"event\": "
              + IMAGE
              + ", \"splits\": "
              + split
              + ", \"sha256\": \"\"}";
      DatasetManifest.parse(Seeds.sealed(utf8(manifest)), "manifest.json");
    }
  },
  SHARD_OF_MANY_EXAMPLES(ErrorCode.DATA, "at most") {
    @Override
    void open(Path folder) throws IOException {
      shard(
          folder,
          500_000_000,
          header -> {},
          footer -> {
            footer.setNum_rows(500_000_000);
            footer.getRow_groups().get(0).setNum_rows(500_000_000);
            footer
                .getRow_groups()
                .get(0)
                .getColumns()
                .forEach(chunk -> chunk.getMeta_data().setNum_values(500_000_000));
          });
    }
  },
  PAGES_THAT_INFLATE(ErrorCode.DATA, "claim to unpack") {
    @Override
    void open(Path folder) throws IOException {
      shard(folder, 2, header -> header.setUncompressed_page_size(1 << 30), footer -> {});
    }
  },
  COLUMNS_BEYOND_THE_FILE(ErrorCode.DATA, "claims") {
    @Override
    void open(Path folder) throws IOException {
      shard(
          folder,
          2,
          header -> {},
          footer ->
              footer
                  .getRow_groups()
                  .get(0)
                  .getColumns()
                  .forEach(chunk -> chunk.getMeta_data().setTotal_compressed_size(2_000_000_000)));
    }
  },
  FOOTER_OF_MANY_COLUMNS(ErrorCode.DATA, "its footer announces") {
    @Override
    void open(Path folder) throws IOException {
      // Version 1, then a list of 2^31 − 1 structs.
      byte[] footer = {0x15, 0x02, 0x19, (byte) 0xFC, -1, -1, -1, -1, 7};
      ByteBuffer file = ByteBuffer.allocate(4 + footer.length + 8).order(ByteOrder.LITTLE_ENDIAN);
      file.put(utf8("PAR1")).put(footer).putInt(footer.length).put(utf8("PAR1"));
      shard(folder, 1, file.array());
    }
  },
  PACKED_EXAMPLES(ErrorCode.DATA, "are believed") {
    @Override
    void open(Path folder) throws IOException {
      ByteBuffer header = ByteBuffer.allocate(16).putInt(0x803).putInt(1);
      header.putInt(10_000).putInt(10_000);
      packed(folder, header.array(), new byte[1 << 20], 96, new Idx(List.of()));
    }
  },
  PACKED_LINE(ErrorCode.DATA, "does not end") {
    @Override
    void open(Path folder) throws IOException {
      packed(folder, new byte[0], utf8("0,".repeat(1 << 19)), 64, new Matrix());
    }
  },
  PACKED_SEQUENCE(ErrorCode.DATA, "a sequence of more than") {
    @Override
    void open(Path folder) throws IOException {
      byte[] steps = utf8("[],".repeat(10_000));
      packed(folder, utf8("{\"train\": [["), steps, 76, new Sequences(21, 88));
    }
  },
  PACKED_RECORD(ErrorCode.DATA, "fields") {
    @Override
    void open(Path folder) throws IOException {
      Path file = packed(folder, utf8("a"), utf8(",".repeat(1 << 20)), 64);
      ForeignTables.columns(STORAGE, STORAGE.path(file.toString()));
    }
  },
  DEEP_PIXELS(ErrorCode.DATA, "it claims 5792×5792 pixels") {
    @Override
    void open(Path folder) throws IOException {
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      png.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
      // 16 bits a sample, red, green, blue and transparency.
      byte[] size = ByteBuffer.allocate(13).putInt(5792).putInt(5792).array();
      size[8] = 16;
      size[9] = 6;
      chunk(png, "IHDR", size);
      chunk(png, "IDAT", new byte[32 << 10]);
      chunk(png, "IEND", new byte[0]);
      Path file = Files.write(folder.resolve("deep.png"), png.toByteArray());
      ForeignFiles.bytes(STORAGE, STORAGE.path(file.toString()), new Images("", ""));
    }

    private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
      CRC32 checksum = new CRC32();
      checksum.update(utf8(type));
      checksum.update(data);
      png.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
      png.writeBytes(utf8(type));
      png.writeBytes(data);
      png.writeBytes(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
    }
  };

  /** Begins a line that tells of one. */
  static final String MARK = "bomb ";

  private static final Storage STORAGE = new Storage(new Configuration());
  private static final EventSpec EVENT = EventSpec.discrete(2, 4);
  private static final String IMAGE =
      "{\"shape\": [4], \"elements\": {\"kind\": \"discrete\", \"levels\": 2}}";
  private static final String SOUND =
      "{\"shape\": [1], \"elements\": {\"kind\": \"discrete\", \"levels\": 256},"
          + " \"variableLength\": true}";

  private final ErrorCode kind;
  private final String says;

  MemoryBombs(ErrorCode kind, String says) {
    this.kind = kind;
    this.says = says;
  }

  /** Of the refusal. */
  ErrorCode kind() {
    return kind;
  }

  /** A part of the message. */
  String says() {
    return says;
  }

  /** Makes the file in a folder of its own and opens it. */
  abstract void open(Path folder) throws IOException;

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A description beside a hundred bytes of parameters. */
  private static void model(Path folder, String family, String parameters, String event)
      throws IOException {
    Files.writeString(
        folder.resolve(ModelDirectory.DESCRIPTION),
        "{\"format\": 1, \"family\": \""
            + family
            + "\", \"parameters\": "
            + parameters
            + ", \"event\": "
            + event
            + "}");
    byte[] header = utf8("{\"a\":{\"dtype\":\"F32\",\"shape\":[8],\"data_offsets\":[0,32]}}    ");
    ByteBuffer file = ByteBuffer.allocate(8 + header.length + 32).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length).put(header);
    Files.write(folder.resolve(ModelDirectory.PARAMETERS), file.array());
    ModelDirectory.open(STORAGE, folder.toString()).load(Device.cpu());
  }

  /** A shard of two examples whose pages and footer say something else. */
  private static void shard(
      Path folder, int examples, Consumer<PageHeader> pages, Consumer<FileMetaData> footer)
      throws IOException {
    Example[] two = {
      new Example(0, new byte[4], Example.NONE, Example.NONE),
      new Example(1, new byte[4], Example.NONE, Example.NONE)
    };
    ShardWriter.write(
        STORAGE, STORAGE.path(folder.toString()), "sound", EVENT, List.of(two).iterator());
    byte[] sound = Files.readAllBytes(folder.resolve("sound"));
    shard(folder, examples, ForgedParquet.of(sound, pages, footer));
  }

  private static void shard(Path folder, int examples, byte[] content) throws IOException {
    Files.write(folder.resolve("shard"), content);
    ShardEntry entry =
        new ShardEntry("shard", 0, examples - 1, examples, content.length, Sha256.of(content), "");
    Shard.read(STORAGE, STORAGE.path(folder.toString()), EVENT, entry);
  }

  private static void packed(Path folder, byte[] begin, byte[] more, int times, Source source)
      throws IOException {
    Path file = packed(folder, begin, more, times);
    ForeignFiles.examples(STORAGE, STORAGE.path(file.toString()), source, "train");
  }

  /** A packed file of a beginning and something that is repeated. */
  private static Path packed(Path folder, byte[] begin, byte[] more, int times) throws IOException {
    Path file = folder.resolve("packed.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file), 1 << 16)) {
      out.write(begin);
      for (int i = 0; i < times; i++) {
        out.write(more);
      }
    }
    return file;
  }

  /** Opens all of them. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    // What a first use loads is no part of the measurement.
    Path sound = Files.createDirectories(folder.resolve("sound"));
    ShardWriter.write(
        STORAGE,
        STORAGE.path(sound.toString()),
        "shard",
        EVENT,
        LongStream.range(0, 9)
            .mapToObj(id -> new Example(id, new byte[4], Example.NONE, Example.NONE))
            .iterator());
    TorchEngine.open(TorchEngine.Options.cpu()).close();
    System.gc();
    long idle = kilobytes("VmRSS:");
    for (MemoryBombs bomb : values()) {
      String told = "ACCEPTED";
      String message = "";
      try {
        bomb.open(Files.createDirectories(folder.resolve(bomb.name())));
      } catch (AncestralException refusal) {
        told = refusal.code().toString();
        message = refusal.getMessage().replace('\n', ' ');
      } catch (OutOfMemoryError full) {
        told = "FULL";
      }
      message = message.length() > 400 ? message.substring(0, 400) : message;
      long grown = Math.max(0, kilobytes("VmHWM:") - idle);
      System.out.println(MARK + bomb + " " + told + " " + grown + " " + message);
    }
  }

  private static long kilobytes(String what) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(what)) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("/proc/self/status has no line " + what);
  }
}
