package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import dev.ancestral.spark.SparkInstallation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One version of everything on driver and executors, and clocks that agree. */
final class VersionsCheck implements Check {
  private static final long LITTLE_SKEW_MILLIS = 5_000;
  private static final long MUCH_SKEW_MILLIS = 60_000;

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    List<Finding> findings = new ArrayList<>();
    ProcessView.Versions own = sight.driver().versions();
    SparkInstallation.mismatch(own.spark(), own.scala())
        .ifPresent(why -> findings.add(Finding.bad("versions", ErrorCode.CLUSTER, why)));
    int before = findings.size();
    for (ProcessView view : sight.executors()) {
      ProcessView.Versions versions = view.versions();
      differs(view, "Spark", own.spark(), versions.spark(), findings);
      differs(view, "Scala", own.scala(), versions.scala(), findings);
      differs(view, "Java", feature(own.java()), feature(versions.java()), findings);
      if (!versions.classes().equals(own.classes())) {
        findings.add(
            Finding.bad(
                view.name(),
                ErrorCode.CLUSTER,
                "loads other classes of Ancestral than the driver (sha256 "
                    + start(versions.classes())
                    + " there, "
                    + start(own.classes())
                    + " here): another build lies on its class path; look at"
                    + " spark.executor.extraClassPath and at the jars of its Spark"));
      }
      skew(view, findings);
    }
    if (findings.size() == before) {
      findings.add(
          Finding.good(
              "versions",
              "Spark "
                  + own.spark()
                  + ", Scala "
                  + own.scala()
                  + ", Java "
                  + own.java()
                  + " and classes "
                  + start(own.classes())
                  + " everywhere; clocks agree"));
    }
    return findings;
  }

  private static void differs(
      ProcessView view, String what, String here, String there, List<Finding> into) {
    if (!here.equals(there)) {
      into.add(
          Finding.bad(
              view.name(),
              ErrorCode.CLUSTER,
              "runs "
                  + what
                  + " "
                  + there
                  + ", the driver "
                  + here
                  + "; install one version on all machines"));
    }
  }

  private static void skew(ProcessView view, List<Finding> into) {
    long millis = Math.abs(view.skewMillis());
    if (millis > LITTLE_SKEW_MILLIS) {
      String detail =
          "its clock is "
              + millis / 1000
              + " s "
              + (view.skewMillis() > 0 ? "ahead of" : "behind")
              + " the driver's; synchronise the clocks (NTP), on which tokens and logs rely";
      into.add(
          millis > MUCH_SKEW_MILLIS
              ? Finding.bad(view.name(), ErrorCode.CLUSTER, detail)
              : Finding.doubtful(view.name(), detail));
    }
  }

  /** {@code 17} of {@code 17.0.9}. */
  private static String feature(String java) {
    return java.split("[.+-]", 2)[0];
  }

  private static String start(String hash) {
    return hash.substring(0, Math.min(8, hash.length()));
  }
}
