package dev.ancestral;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ObjectInputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/** What deploy/adr and the README say about modules and packages, held against the classes. */
@AnalyzeClasses(packages = "dev.ancestral", importOptions = ArchitectureTest.NoTests.class)
class ArchitectureTest {

  /** What is compiled from main sources, in whichever folder below target. */
  static final class NoTests implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/");
    }
  }

  private static final String[] MODEL_CORE = {
    "dev.ancestral",
    "dev.ancestral.checkpoint..",
    "dev.ancestral.config..",
    "dev.ancestral.distribution..",
    "dev.ancestral.estimator..",
    "dev.ancestral.likelihood..",
    "dev.ancestral.model..",
    "dev.ancestral.nn..",
    "dev.ancestral.optimize..",
    "dev.ancestral.oracle..",
    "dev.ancestral.random..",
    "dev.ancestral.schema..",
    "dev.ancestral.tensor..",
    "dev.ancestral.train.."
  };

  private static final String[] SPARK_JOBS = {
    "dev.ancestral.spark..", "dev.ancestral.job..", "dev.ancestral.cli..", "dev.ancestral.ml.."
  };

  private static final int MOST_CLASSES = 25;

  /** Pairs are all that Spark's Java API has of Scala. */
  private static final String PUBLIC_SPARK =
      "scala\\.Tuple2|org\\.apache\\.spark\\.((api|sql|ml|broadcast|launcher)\\..*"
          + "|SparkConf|SparkContext|SparkException|SparkExecutorInfo|SparkStatusTracker"
          + "|SparkJobInfo|SparkStageInfo|TaskContext|BarrierTaskContext|Partitioner"
          + "|storage\\.StorageLevel|resource\\.ResourceInformation"
          + "|util\\.(CollectionAccumulator|TaskCompletionListener))";

  @ArchTest
  static final ArchRule arrowsBetweenModules =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("model-core")
          .definedBy(MODEL_CORE)
          .layer("data-prep")
          .definedBy("dev.ancestral.data..")
          .layer("spark-jobs")
          .definedBy(SPARK_JOBS)
          .whereLayer("spark-jobs")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("data-prep")
          .mayOnlyBeAccessedByLayers("spark-jobs");

  @ArchTest
  static final ArchRule everyClassIsInOneOfTheModules =
      classes()
          .should()
          .resideInAnyPackage(
              Stream.concat(
                      Stream.concat(Arrays.stream(MODEL_CORE), Stream.of("dev.ancestral.data..")),
                      Arrays.stream(SPARK_JOBS))
                  .toArray(String[]::new));

  @ArchTest
  static final ArchRule modelCoreKnowsNoCluster =
      noClasses()
          .that()
          .resideInAnyPackage(MODEL_CORE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.spark..", "org.apache.hadoop..", "org.apache.parquet..", "scala..");

  @ArchTest
  static final ArchRule dataKnowsSparkOnlyWhereItIsPreparedAndSent =
      noClasses()
          .that()
          .resideInAPackage("dev.ancestral.data..")
          .and()
          .resideOutsideOfPackages(
              "dev.ancestral.data.prepare..",
              "dev.ancestral.data.rows..",
              "dev.ancestral.data.transfer..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "scala..");

  @ArchTest
  static final ArchRule mathematicsKnowsNoEngine =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.ancestral.distribution..",
              "dev.ancestral.estimator..",
              "dev.ancestral.likelihood..",
              "dev.ancestral.model..",
              "dev.ancestral.nn..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.ancestral.tensor.torch..", "dev.ancestral.tensor.dl4j..");

  @ArchTest
  static final ArchRule libtorchOnlyInItsEngineAndInCollectives =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.ancestral.tensor.torch..", "dev.ancestral.train.collective..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bytedeco.pytorch..");

  @ArchTest
  static final ArchRule dl4jOnlyInItsEngineAndItsTraining =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.ancestral.tensor.dl4j..", "dev.ancestral.job.train.dl4j..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.nd4j..", "org.deeplearning4j..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.ancestral.(**)").should().beFreeOfCycles();

  /**
   * Of the layers of spark-jobs: the entry points, the command line or spark.ml, the jobs, Spark.
   */
  @ArchTest
  static final ArchRule arrowsBetweenLayersOfJobs =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("entry points")
          .definedBy("dev.ancestral.job")
          .layer("command line")
          .definedBy("dev.ancestral.cli..")
          .layer("spark.ml")
          .definedBy("dev.ancestral.ml..")
          .layer("jobs")
          .definedBy("dev.ancestral.job.*..")
          .layer("execution")
          .definedBy("dev.ancestral.spark..")
          .whereLayer("entry points")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("command line")
          .mayOnlyBeAccessedByLayers("entry points")
          .whereLayer("jobs")
          .mayOnlyBeAccessedByLayers("entry points", "command line", "spark.ml")
          .whereLayer("spark.ml")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule scalaAndInternalsOfSparkInOnePlace =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.ancestral.spark..", "dev.ancestral.data.transfer..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("scala..", "org.apache.spark..")
                  .and(not(nameMatching(PUBLIC_SPARK)))
                  .as("are Scala's or not of Spark's public Java API"));

  @ArchTest
  static void packagesAreSmall(JavaClasses all) {
    Map<String, Long> large = new TreeMap<>();
    all.stream()
        .filter(type -> type.isTopLevelClass() && !type.getName().endsWith(".package-info"))
        .forEach(type -> large.merge(type.getPackageName(), 1L, Long::sum));
    large.values().removeIf(count -> count <= MOST_CLASSES);
    assertEquals(Map.of(), large, "packages with more than " + MOST_CLASSES + " classes");
  }

  @ArchTest
  static final ArchRule nothingNamesAClassOfDl4j =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.ancestral.tensor.dl4j..", "dev.ancestral.job.train.dl4j..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.ancestral.job.train.dl4j..", "dev.ancestral.tensor.dl4j..");

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Impl");

  @ArchTest
  static final ArchRule noGetPrefix =
      methods()
          .that(areDeclaredByUs())
          .and()
          // There users of spark.ml expect it.
          .areDeclaredInClassesThat()
          .resideOutsideOfPackage("dev.ancestral.ml..")
          .should()
          .haveNameNotMatching("get\\p{javaUpperCase}.*")
          .because("a value is named after what it is");

  /** What reads objects, of whatever class the bytes name, is not for files of others. */
  @ArchTest
  static final ArchRule noObjectsFromForeignBytes =
      noClasses()
          .that()
          // Between this program's own driver and tasks, over Spark's channels.
          .haveNameNotMatching("dev\\.ancestral\\.data\\.transfer\\.JavaBytes(\\$.*)?")
          .and()
          // An annotation tells Spark's Kryo to leave them to Java, on the same channels.
          .haveNameNotMatching(
              "dev\\.ancestral\\.job\\.train\\.dl4j\\.(BatchLoader|ObjectiveLayer)")
          .should()
          .callConstructorWhere(
              target(owner(assignableTo(ObjectInputStream.class)))
                  .as("the target is an ObjectInputStream"))
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage("com.esotericsoftware..", "java.beans..", "java.rmi..")
          .orShould()
          .callMethodWhere(
              target(nameMatching("objectFile|enableDefaultTyping|activateDefaultTyping"))
                  .as("the target reads objects of any class"));

  @ArchTest
  static final ArchRule onlyResultsAndBroadcastsAreReadAsObjects =
      noClasses()
          .that()
          .haveNameNotMatching(
              "dev\\.ancestral\\.(data\\.transfer\\.(JavaBytes|Shared)|data\\.prepare\\.(TaskResult|Spark(Partitions|SourceContext))"
                  + "|spark\\.TaskRunner|job\\.train\\.transport\\.(Barrier|Shuffle)Transport"
                  + "|job\\.train\\.em\\.StatisticsPass)(\\$.*)?")
          .should()
          .callMethodWhere(
              target(owner(nameMatching("dev\\.ancestral\\.data\\.transfer\\.JavaBytes")))
                  .and(target(nameMatching("value")))
                  .as("JavaBytes reads objects of any class"));

  @ArchTest
  static final ArchRule yamlIsParsedAndNeverMadeIntoObjects =
      noClasses()
          .should()
          .callMethodWhere(
              target(owner(assignableTo(Yaml.class)))
                  .and(target(nameMatching("load.*|getSingleNode|compose.*")))
                  .as("SnakeYAML makes objects"))
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage("org.yaml.snakeyaml.constructor..", "org.yaml.snakeyaml.nodes..");

  /** True of methods that nothing outside of this project has named. */
  private static DescribedPredicate<JavaMethod> areDeclaredByUs() {
    return DescribedPredicate.describe(
        "override nothing",
        method ->
            Stream.concat(
                    method.getOwner().getAllRawSuperclasses().stream(),
                    method.getOwner().getAllRawInterfaces().stream())
                .noneMatch(ancestor -> declares(ancestor, method)));
  }

  private static boolean declares(JavaClass ancestor, JavaMethod method) {
    return ancestor.getMethods().stream()
        .anyMatch(
            inherited ->
                inherited.getName().equals(method.getName())
                    && inherited.getParameters().size() == method.getParameters().size());
  }
}
