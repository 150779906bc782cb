package dev.ancestral.job.badinput;

import static dev.ancestral.job.badinput.BadInput.wrong;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Consumer;

/** Models that are damaged, from the future, or made to hurt. */
final class ModelCases {
  private static final String EVALUATE = "evaluate --data @data --output @out --model ";
  private static final String NB = EVALUATE + "@nb";
  private static final String VAE = EVALUATE + "@vae --samples 2";
  private static final String WEIGHTS = "vae/parameters.safetensors";

  private ModelCases() {}

  static List<BadInput> all() {
    return List.of(
        wrong("model.json missing", w -> w.delete("nb/model.json"), NB, 3, "holds no model.json"),
        wrong(
            "parameters missing",
            w -> w.delete("nb/parameters.safetensors"),
            NB,
            3,
            "holds no parameters.safetensors"),
        wrong(
            "model.json cut short", w -> w.cut("nb/model.json", 40), NB, 3, "model.json: no JSON"),
        wrong("model.json empty", w -> w.write("nb/model.json", ""), NB, 3, "the file is empty"),
        wrong("model.json a list", w -> w.write("nb/model.json", "[]"), NB, 3, "must be an object"),
        wrong(
            "model.json from the future",
            model(json -> json.put("format", 2)),
            NB,
            4,
            "format is 2, written by a later version; this version reads up to 1"),
        wrong("format 0", model(json -> json.put("format", 0)), NB, 3, "format is 0; it must be"),
        wrong(
            "field unknown",
            model(json -> json.put("color", "red")),
            NB,
            3,
            "color is not a known"),
        wrong("event missing", model(json -> json.remove("event")), NB, 3, "event is missing"),
        wrong("family missing", model(json -> json.remove("family")), NB, 3, "family is missing"),
        wrong(
            "family that is none",
            model(json -> json.put("family", "oracle")),
            NB,
            3,
            "model.family is 'oracle'; it must be one of"),
        wrong(
            "family of a class that is not there",
            model(json -> json.put("family", "com.example.Missing")),
            NB,
            3,
            "which is on no class path; bring the jar that holds it by --jars"),
        wrong(
            "setting unknown",
            model(json -> ((ObjectNode) json.get("parameters")).put("depth", 3)),
            NB,
            3,
            "model.depth is not a known key"),
        wrong(
            "setting wrong",
            model(json -> ((ObjectNode) json.get("parameters")).put("likelihood", "poisson")),
            NB,
            3,
            "model.likelihood is poisson; it must be one of"),
        wrong(
            "dequantization that is none",
            model(json -> json.put("dequantize", "twice")),
            NB,
            3,
            "dequantize is \"twice\"; it must be"),
        wrong(
            "event of 2^60 elements",
            model(
                json ->
                    ((ObjectNode) json.get("event")).putArray("shape").add(1 << 30).add(1 << 30)),
            NB,
            3,
            "event shape is [1073741824, 1073741824]; it may have"),
        wrong(
            "levels beyond float32",
            model(json -> ((ObjectNode) json.at("/event/elements")).put("levels", 1 << 30)),
            NB,
            3,
            "levels is 1073741824; discrete elements have from 2 to"),
        wrong(
            "model.json nested a hundred thousand deep",
            w -> w.write("nb/model.json", "{\"format\":".repeat(100_000)),
            NB,
            3,
            "model.json: no JSON"),
        wrong("weights empty", w -> w.write(WEIGHTS, ""), VAE, 3, "it has 0 bytes"),
        wrong(
            "weights cut short", w -> w.cut(WEIGHTS, length(w) - 10), VAE, 3, "it ends in tensor"),
        wrong("weights that go on", w -> w.append(WEIGHTS, new byte[8]), VAE, 3, "goes on after"),
        wrong(
            "header of 2^63 bytes",
            w -> w.write(WEIGHTS, word(Long.MIN_VALUE)),
            VAE,
            3,
            "its header claims -9223372036854775808 bytes"),
        wrong(
            "header of 2^62 bytes",
            w -> w.write(WEIGHTS, word(1L << 62)),
            VAE,
            3,
            "its header claims 4611686018427387904 bytes; 2 to"),
        wrong(
            "header longer than the file",
            w -> w.write(WEIGHTS, word(10_000_000)),
            VAE,
            3,
            "its header claims 10000000 bytes and ends after 0"),
        hostile("header that is no JSON", "{\"a\": ", 0, "no JSON"),
        hostile("header that is a list", "[]", 0, "its header is no JSON object"),
        hostile(
            "tensor twice",
            "{"
                + tensor("a", "F32", "[1]", "[0,4]")
                + ","
                + tensor("a", "F32", "[1]", "[0,4]")
                + "}",
            4,
            "Duplicate field 'a'"),
        hostile(
            "offsets that overflow",
            "{" + tensor("a", "F32", "[1]", "[9223372036854775807,9223372036854775807]") + "}",
            4,
            "more than a file can hold"),
        hostile(
            "offsets beyond 64 bits",
            "{" + tensor("a", "F32", "[1]", "[0,99999999999999999999]") + "}",
            4,
            "it must be whole numbers"),
        hostile(
            "overlapping tensors",
            "{"
                + tensor("a", "F32", "[2]", "[0,8]")
                + ","
                + tensor("b", "F32", "[2]", "[4,12]")
                + "}",
            12,
            "tensor 'b' begins at byte 4 of the data but the one before ends at 8"),
        hostile(
            "gap between tensors",
            "{"
                + tensor("a", "F32", "[2]", "[0,8]")
                + ","
                + tensor("b", "F32", "[2]", "[16,24]")
                + "}",
            24,
            "tensor 'b' begins at byte 16 of the data but the one before ends at 8"),
        hostile("negative size", "{" + tensor("a", "F32", "[-2]", "[0,8]") + "}", 8, "shape [-2]"),
        hostile(
            "shape that overflows",
            "{" + tensor("a", "F32", "[4294967296,4294967296]", "[0,0]") + "}",
            0,
            "more than a file can hold"),
        hostile(
            "shape that its bytes do not hold",
            "{" + tensor("a", "F32", "[1000000]", "[0,8]") + "}",
            8,
            "which is not what its shape [1000000] of F32 takes"),
        wrong(
            "type that is none of ours",
            w -> w.safetensors(WEIGHTS, "{" + tensor("a", "F8", "[8]", "[0,8]") + "}", 8),
            VAE,
            4,
            "has dtype \"F8\"; it must be F32, F64, BF16 or F16"),
        wrong(
            "tensor of another name",
            w -> w.header(WEIGHTS, text -> text.replaceFirst("\"(\\w)", "\"x$1")),
            VAE,
            4,
            "the tensors are not this model's: it lacks"),
        wrong(
            "tensors of another model",
            w -> w.write(WEIGHTS, w.read("nb/parameters.safetensors")),
            VAE,
            4,
            "the tensors are not this model's",
            "pass the file that was written with this model.json"),
        wrong(
            "weights of another size",
            w ->
                w.model(
                    "vae/model.json",
                    json -> ((ObjectNode) json.get("parameters")).put("latent", 3)),
            VAE,
            4,
            "this model needs F32, BF16 or F16 of shape"),
        wrong(
            "a weight that is NaN",
            w -> w.end(WEIGHTS, number(4).putFloat(Float.NaN).array()),
            VAE,
            3,
            "has NaN at element"),
        wrong(
            "a weight that is infinite, to be sampled from",
            w -> w.end(WEIGHTS, number(4).putFloat(Float.POSITIVE_INFINITY).array()),
            "generate --model @vae --count 5 --seed 1 --output @out",
            3,
            "has Infinity at element"),
        wrong(
            "a probability of 1.5",
            w -> w.end("nb/parameters.safetensors", number(8).putDouble(1.5).array()),
            NB,
            4,
            "has 1.5 at position",
            "a probability is from 0 to 1"),
        wrong(
            "a probability that is NaN",
            w -> w.end("nb/parameters.safetensors", number(8).putDouble(Double.NaN).array()),
            NB,
            4,
            "has NaN at position"),
        wrong(
            "a transition that sums to 2",
            w ->
                w.header(
                    "hmm/parameters.safetensors",
                    text -> text.replace("initial", "INITIAL").replace("transition", "initial")),
            "evaluate --model @hmm --data @chords --output @out",
            4,
            "the parameters lack 'transition'"));
  }

  private static BadInput hostile(String name, String header, int data, String... fragments) {
    return wrong(name, w -> w.safetensors(WEIGHTS, header, data), VAE, 3, fragments);
  }

  private static String tensor(String name, String type, String shape, String offsets) {
    return "\""
        + name
        + "\":{\"dtype\":\""
        + type
        + "\",\"shape\":"
        + shape
        + ",\"data_offsets\":"
        + offsets
        + "}";
  }

  private static BadInput.Spoil model(Consumer<ObjectNode> change) {
    return w -> w.model("nb/model.json", change);
  }

  private static ByteBuffer number(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] word(long length) {
    return number(8).putLong(length).array();
  }

  private static int length(Workshop w) throws java.io.IOException {
    return w.read(WEIGHTS).length;
  }
}
