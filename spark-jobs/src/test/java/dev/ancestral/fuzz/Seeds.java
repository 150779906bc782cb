package dev.ancestral.fuzz;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.checkpoint.ModelDescription;
import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.model.EventSpec;
import dev.ancestral.tensor.NamedArrays;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Sound files of every kind, small, to begin from. */
final class Seeds {
  // As lenient as can be: what is no object is sealed as an empty one.
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonParser.Feature.ALLOW_SINGLE_QUOTES).build();

  private Seeds() {}

  /** Files that the target takes. */
  static List<byte[]> of(FuzzTarget target) throws IOException {
    return switch (target) {
      case IDX -> List.of(idx(2, 3, 3), idx(4), gzip(idx(2, 3, 3)));
      case WAV -> List.of(wav(0), wav(64));
      case IMAGES -> images();
      case TEXT ->
          List.of(bytes("a b\u00e9c\n\u4f60\ud83d\ude00"), gzip(bytes("text")), bytes("\ufeffx"));
      case LINES -> List.of(bytes("an\u00e9\r\n\nb\n"), gzip(bytes("c")), bytes("\ufeff\r\n"));
      case MATRIX -> List.of(bytes("0,1,1\n1,0,255\n\n"), bytes("7\n"), gzip(bytes("1,2\n3,4\n")));
      case SEQUENCES ->
          List.of(
              bytes("{\"valid\": [], \"train\": [[[21, 60], [], [108]], [[64]]]}"),
              gzip(bytes("{\"train\": [[[30]]], \"test\": [[[31]]]}")));
      case REAL_SEQUENCES ->
          List.of(
              bytes("{\"valid\": [], \"train\": [[[0.5, -1e3], null, [7, null]], [[1e-9, 2]]]}"),
              gzip(bytes("{\"train\": [[[3, 4]]], \"test\": [[[1, 2]]]}")));
      case MANIFEST, FORGED_MANIFEST, SEALED_JSON -> List.of(manifest());
      case MODEL -> List.of(model());
      case SAFETENSORS, SAFETENSORS_ARRAYS -> List.of(floats(), doubles());
      case SPEC -> List.of(bytes(SPEC), bytes("a: [1, {b: c}]\n'd': |\n  text\n"));
    };
  }

  private static final String SPEC =
      """
      name: tiny
      seed: 3
      output: out
      data:
        prepare:
          - {format: matrix, input: ["rows.csv"], split: "auto=0.7,0.1,0.2", shardSize: 100}
      model: {family: vae, hidden: [8], latent: 2}
      train:
        replicas: 2
        epochs: 2
        optimizer: {name: adam, learningRate: 1e-3}
        schedule: {name: cosine, warmupSteps: 0}
      evaluate: {estimator: iwae, samples: 5}
      generate: {count: 50, seed: 7, preview: true}
      """;

  /** The same JSON with the right seal, as a forger would set it. */
  static byte[] sealed(byte[] json) {
    try {
      JsonNode node = JSON.readTree(json);
      if (node instanceof ObjectNode object) {
        object.remove("sha256");
        return SealedJson.seal(object);
      }
    } catch (IOException | RuntimeException e) {
      // No JSON: given on as it is, for the parser to refuse.
      return json;
    }
    return json;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] idx(int... sizes) {
    int count = 1;
    for (int size : sizes) {
      count *= size;
    }
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * sizes.length + count);
    file.put(new byte[] {0, 0, 8, (byte) sizes.length});
    for (int size : sizes) {
      file.putInt(size);
    }
    return file.array();
  }

  private static byte[] wav(int samples) {
    ByteBuffer file = ByteBuffer.allocate(52 + 2 * samples).order(ByteOrder.LITTLE_ENDIAN);
    file.put(bytes("RIFF")).putInt(44 + 2 * samples).put(bytes("WAVEfmt ")).putInt(16);
    file.putShort((short) 1).putShort((short) 1).putInt(8000).putInt(16_000);
    file.putShort((short) 2).putShort((short) 16);
    file.put(bytes("LIST")).putInt(0);
    return file.put(bytes("data")).putInt(2 * samples).array();
  }

  private static List<byte[]> images() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (int type :
        new int[] {
          BufferedImage.TYPE_BYTE_GRAY,
          BufferedImage.TYPE_INT_RGB,
          BufferedImage.TYPE_BYTE_INDEXED,
          BufferedImage.TYPE_USHORT_GRAY,
          BufferedImage.TYPE_INT_ARGB,
          BufferedImage.TYPE_BYTE_BINARY
        }) {
      for (String format : new String[] {"png", "jpeg"}) {
        BufferedImage image = new BufferedImage(7, 5, type);
        image.setRGB(1, 1, 0xFF336699);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (ImageIO.write(image, format, bytes)) {
          files.add(bytes.toByteArray());
        }
      }
    }
    return files;
  }

  private static byte[] manifest() {
    EventSpec event =
        new EventSpec(List.of(1), new EventSpec.Discrete(3), true, 2, List.of("a", "b", "c"), 8000);
    ShardEntry shard =
        new ShardEntry(
            "train/shard-00000.parquet", 0, 9, 10, 500, "ab".repeat(32), "cd".repeat(32));
    return new DatasetManifest(
            "seed",
            event,
            List.of("cat", "dog"),
            Map.of("train", new DatasetManifest.Split("x", OptionalDouble.of(1.5), List.of(shard))))
        .toJson();
  }

  private static byte[] model() {
    return new ModelDescription(
            ModelDescription.FORMAT,
            "vae",
            Map.of("hidden", List.of(4), "latent", 2),
            EventSpec.discrete(2, 4, 3, 1),
            "none",
            "torch",
            Map.of("seed", 1),
            Map.of("java", "17"))
        .toJson();
  }

  private static byte[] floats() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, FuzzTarget.LAYOUT, (offset, into) -> {}, Map.of("made", "by us"));
    return out.toByteArray();
  }

  private static byte[] doubles() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    NamedArrays arrays =
        NamedArrays.empty().with("initial", new double[2], 2).with("mean", new double[6], 2, 3);
    Safetensors.write(out, arrays, Map.of());
    return out.toByteArray();
  }
}
