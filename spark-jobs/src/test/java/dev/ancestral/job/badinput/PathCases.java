package dev.ancestral.job.badinput;

import static dev.ancestral.job.badinput.BadInput.wrong;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.util.List;

/** Paths that are not there, cannot be written, are of the wrong kind, or lead elsewhere. */
final class PathCases {
  private static final String EVALUATE = "evaluate --model @nb --data @data --output ";
  private static final String GENERATE = "generate --model @nb --count 5 --seed 1 --output ";
  // Below it nobody may make anything, not even root.
  private static final String NOWHERE = "/proc/ancestral";

  private PathCases() {}

  static List<BadInput> all() {
    return List.of(
        wrong("evaluate into a file", EVALUATE + "@rows.csv", 2, "cannot write", "another output"),
        wrong("generate into a file", GENERATE + "@rows.csv", 2, "cannot write", "another output"),
        wrong(
            "train into a file",
            "train --spec @spec.yaml --output @rows.csv",
            2,
            "cannot write",
            "another output"),
        wrong(
            "prepare into a file",
            "prepare --format matrix --input @rows.csv --output @spec.yaml",
            2,
            "cannot write",
            "another output"),
        wrong("evaluate below a file", EVALUATE + "@rows.csv/out", 2, "cannot write"),
        wrong("evaluate where nobody may write", EVALUATE + NOWHERE, 2, "cannot write ", NOWHERE),
        wrong("generate where nobody may write", GENERATE + NOWHERE, 2, "cannot write", NOWHERE),
        wrong(
            "train where nobody may write",
            "train --spec @spec.yaml --output " + NOWHERE,
            2,
            "cannot write",
            NOWHERE),
        wrong(
            "prepare where nobody may write",
            "prepare --format matrix --input @rows.csv --output " + NOWHERE,
            2,
            "cannot write",
            NOWHERE),
        wrong(
            "a file system that is none",
            EVALUATE + "nosuch://host/out",
            2,
            "cannot reach the file system",
            "put the connector for it on the class path"),
        wrong(
            "a model that is not there",
            "evaluate --model @nothing --data @data --output @out",
            3,
            "holds no model.json"),
        wrong(
            "a file that is no link to a model",
            "evaluate --model @nb/model.json --data @data --output @out",
            3,
            "model.json"),
        wrong(
            "a manifest for a model",
            "evaluate --model @data/manifest.json --data @data --output @out",
            3,
            "is no link to a model"),
        wrong(
            "a dataset that is not there",
            "evaluate --model @nb --data @nothing --output @out",
            3,
            "there is no dataset at"),
        wrong(
            "a file for a dataset",
            "evaluate --model @nb --data @rows.csv --output @out",
            3,
            "there is no dataset at"),
        wrong(
            "an input that is not there",
            "prepare --format matrix --input @nothing.csv --output @out",
            3,
            "nothing.csv does not exist; correct the path"),
        wrong(
            "an empty folder for an input",
            "prepare --format matrix --input @empty --output @out",
            3,
            "there is nothing to read at"),
        wrong("a report that is not there", "compare @nb-test @nothing", 3, "is missing"),
        wrong("a dataset for a report", "compare @nb-test @data", 3, "is missing"),
        wrong(
            "a folder where a manifest must be",
            w -> {
              w.delete("data/manifest.json");
              Files.createDirectory(w.path("data/manifest.json"));
            },
            "evaluate --model @nb --data @data --output @out",
            3,
            "manifest.json is a directory; a file must be there"),
        wrong(
            "a part of samples above its folder",
            w -> w.forge("samples/manifest.json", PathCases::leadElsewhere),
            "generate --model @nb --count 20 --seed 1 --output @samples",
            3,
            "file is '../data/test/shard-00000.parquet'; it must be a name below"),
        wrong(
            "a link where something else is",
            "promote --candidate @nb --current @data --report @nb-test --against @nb-test",
            2,
            "is no link to a model but a file or directory"));
  }

  private static void leadElsewhere(ObjectNode manifest) {
    ((ObjectNode) manifest.at("/parts/0")).put("file", "../data/test/shard-00000.parquet");
  }
}
