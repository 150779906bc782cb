package example;

import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.job.Ancestral;
import dev.ancestral.job.Progress;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.train.TrainJob;
import org.apache.spark.sql.SparkSession;

/** The four jobs, called from a program: {@code FitAndSample SPEC OUTPUT}. */
public final class FitAndSample {
  private FitAndSample() {}

  public static void main(String[] arguments) {
    String output = arguments[1];
    try (SparkSession spark = SparkSession.builder().appName("fit and sample").getOrCreate()) {
      Ancestral ancestral = Ancestral.on(spark, Progress.silent());
      JobSpec spec = ancestral.spec(arguments[0]);
      String data = spec.data().path();
      String run = output + "/run";

      for (PrepareSpec step : spec.data().prepare()) {
        ancestral.prepare(step, data);
      }
      ancestral.train(spec, run, TrainJob.Mode.CONTINUE);
      EvaluationReport report =
          ancestral.evaluate(
              new EvaluateRequest(run, data, spec.evaluate(), output + "/evaluation", false));
      ancestral.generate(new GenerateRequest(run, spec.generate(), output + "/samples", false));

      System.out.println(report.summary());
    }
    // A barrier stage leaves a timer of Spark's behind, which would keep the process alive.
    System.exit(0);
  }
}
