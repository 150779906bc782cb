package dev.ancestral.deploy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.NodeLabel;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.server.nodemanager.NodeManager;
import org.apache.hadoop.yarn.server.resourcemanager.ResourceManager;

/**
 * A ResourceManager, two NodeManagers with addresses of their own and HDFS inside this JVM;
 * containers are processes of their own, and those that use more memory than they asked for are
 * killed. There are two queues, {@code default} and {@value #QUEUE}, and the second node has the
 * label {@value #LABEL}.
 *
 * <p>Hadoop's MiniYARNCluster does the same and needs JUnit 4.
 */
final class YarnCluster implements AutoCloseable {
  static final String QUEUE = "training";
  static final String LABEL = "trainers";

  /** Of the nodes. */
  static final List<String> HOSTS = List.of("127.0.0.2", "127.0.0.3");

  /** Of {@link #containers}: executors. */
  static final String EXECUTOR = "YarnCoarseGrainedExecutorBackend";

  /** Of {@link #containers}: drivers in cluster mode. */
  static final String DRIVER = "deploy.yarn.ApplicationMaster";

  private static final int NODES = 2;
  private static final int LABELLED = 1;
  private static final int POLL_MILLIS = 50;
  private static final long START_SECONDS = 60;
  private static final String TOPOLOGY =
      CommonConfigurationKeysPublic.NET_TOPOLOGY_NODE_SWITCH_MAPPING_IMPL_KEY;
  private static final String SCHEDULER = "yarn.scheduler.capacity.";

  private static final Logger WEB_PAGES = Logger.getLogger("org.apache.hadoop.shaded");

  private final Path folder;
  private final MiniDFSCluster files;
  private final ResourceManager manager;
  private final List<NodeManager> nodes;
  private final YarnClient client;

  private YarnCluster(
      Path folder,
      MiniDFSCluster files,
      ResourceManager manager,
      List<NodeManager> nodes,
      YarnClient client) {
    this.folder = folder;
    this.files = files;
    this.manager = manager;
    this.nodes = nodes;
    this.client = client;
  }

  /**
   * Starts it.
   *
   * @param folder for what it writes
   */
  static YarnCluster start(Path folder) throws IOException, YarnException, InterruptedException {
    Configuration storage = new HdfsConfiguration();
    storage.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    storage.setInt("dfs.replication", 1);
    MiniDFSCluster files = new MiniDFSCluster.Builder(storage).numDataNodes(1).build();
    files.waitActive();
    WEB_PAGES.setLevel(Level.WARNING);
    DefaultMetricsSystem.setMiniClusterMode(true); // Services of one kind in one JVM.
    ResourceManager manager = new ResourceManager();
    manager.init(managerSettings(folder, files));
    manager.start();
    List<NodeManager> nodes = new ArrayList<>();
    for (int node = 0; node < NODES; node++) {
      NodeManager started = new NodeManager();
      started.init(nodeSettings(folder, manager.getConfig(), node));
      started.start();
      nodes.add(started);
    }
    YarnClient client = YarnClient.createYarnClient();
    client.init(manager.getConfig());
    client.start();
    YarnCluster cluster = new YarnCluster(folder, files, manager, nodes, client);
    cluster.awaitNodes();
    cluster.label();
    cluster.writeClientSettings();
    return cluster;
  }

  private static YarnConfiguration managerSettings(Path folder, MiniDFSCluster files) {
    YarnConfiguration settings = new YarnConfiguration(files.getConfiguration(0));
    settings.set(CommonConfigurationKeysPublic.FS_DEFAULT_NAME_KEY, files.getURI().toString());
    for (String address :
        List.of(
            YarnConfiguration.RM_ADDRESS,
            YarnConfiguration.RM_ADMIN_ADDRESS,
            YarnConfiguration.RM_SCHEDULER_ADDRESS,
            YarnConfiguration.RM_RESOURCE_TRACKER_ADDRESS,
            YarnConfiguration.RM_WEBAPP_ADDRESS)) {
      settings.set(address, "localhost:0");
    }
    settings.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 128);
    settings.setBoolean(YarnConfiguration.NODE_LABELS_ENABLED, true);
    settings.set(
        YarnConfiguration.FS_NODE_LABELS_STORE_ROOT_DIR,
        folder.resolve("labels").toUri().toString());
    settings.set(SCHEDULER + "root.queues", "default," + QUEUE);
    settings.set(SCHEDULER + "root.accessible-node-labels", "*");
    settings.set(SCHEDULER + "root.accessible-node-labels." + LABEL + ".capacity", "100");
    settings.set(SCHEDULER + "maximum-am-resource-percent", "0.9");
    settings.set(SCHEDULER + "node-locality-delay", "-1");
    for (String queue : List.of("default", QUEUE)) {
      String prefix = SCHEDULER + "root." + queue + ".";
      settings.set(prefix + "capacity", "50");
      settings.set(prefix + "maximum-capacity", "100");
      settings.set(prefix + "user-limit-factor", "10");
      settings.set(prefix + "state", "RUNNING");
      settings.set(prefix + "acl_submit_applications", "*");
      boolean training = queue.equals(QUEUE);
      settings.set(prefix + "accessible-node-labels", training ? LABEL : " ");
      settings.set(
          prefix + "accessible-node-labels." + LABEL + ".capacity", training ? "100" : "0");
    }
    return settings;
  }

  private static YarnConfiguration nodeSettings(Path folder, Configuration manager, int node) {
    YarnConfiguration settings = new YarnConfiguration(manager);
    for (String address :
        List.of(
            YarnConfiguration.NM_ADDRESS,
            YarnConfiguration.NM_LOCALIZER_ADDRESS,
            YarnConfiguration.NM_COLLECTOR_SERVICE_ADDRESS,
            YarnConfiguration.NM_WEBAPP_ADDRESS)) {
      settings.set(address, HOSTS.get(node) + ":0");
    }
    settings.set(YarnConfiguration.NM_LOCAL_DIRS, folder.resolve("local-" + node).toString());
    settings.set(YarnConfiguration.NM_LOG_DIRS, logs(folder, node).toString());
    settings.setInt(YarnConfiguration.NM_PMEM_MB, 6144);
    settings.setInt(YarnConfiguration.NM_VCORES, 8);
    settings.setBoolean(YarnConfiguration.NM_PMEM_CHECK_ENABLED, true);
    // Else the NodeManager leaves that to control groups, which it does not use here.
    settings.setBoolean(YarnConfiguration.NM_MEMORY_RESOURCE_ENFORCED, false);
    settings.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
    settings.setInt(YarnConfiguration.NM_CONTAINER_MON_INTERVAL_MS, 500);
    settings.setInt(YarnConfiguration.NM_PROCESS_KILL_WAIT_MS, 500);
    settings.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 99.9f);
    return settings;
  }

  private static Path logs(Path folder, int node) {
    return folder.resolve("logs-" + node);
  }

  private void awaitNodes() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (manager.getResourceScheduler().getNumClusterNodes() < NODES) {
      if (System.nanoTime() > end) {
        throw new AssertionError("the NodeManagers did not come within " + START_SECONDS + " s");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void label() throws IOException {
    var labels = manager.getRMContext().getNodeLabelManager();
    // Not exclusive: whoever asks for no label may use what is free there.
    labels.addToCluserNodeLabels(Set.of(NodeLabel.newInstance(LABEL, false)));
    NodeId node = nodes.get(LABELLED).getNMContext().getNodeId();
    labels.addLabelsToNode(Map.of(node, Set.of(LABEL)));
  }

  /** What a machine from which applications are submitted has. */
  private void writeClientSettings() throws IOException {
    Files.createDirectories(clientSettings());
    for (String file : List.of("core-site.xml", "hdfs-site.xml", "yarn-site.xml")) {
      Configuration settings = new Configuration(false);
      for (Map.Entry<String, String> entry : manager.getConfig()) {
        boolean core = entry.getKey().startsWith("fs.") || entry.getKey().startsWith("hadoop.");
        boolean hdfs = entry.getKey().startsWith("dfs.");
        // MiniDFSCluster puts a class of its own there.
        boolean own = entry.getKey().equals(TOPOLOGY);
        if (!own
            && file.equals(core ? "core-site.xml" : hdfs ? "hdfs-site.xml" : "yarn-site.xml")) {
          settings.set(entry.getKey(), entry.getValue());
        }
      }
      try (OutputStream out = Files.newOutputStream(clientSettings().resolve(file))) {
        settings.writeXml(out);
      }
    }
  }

  /** For {@code HADOOP_CONF_DIR}. */
  Path clientSettings() {
    return folder.resolve("hadoop");
  }

  /** A path in HDFS. */
  String uri(String path) {
    return "hdfs://localhost:" + files.getNameNodePort() + "/" + path;
  }

  /** Brings a file of this machine to HDFS, for everybody to read. */
  void put(Path file, String path) throws IOException {
    hdfs().copyFromLocalFile(new org.apache.hadoop.fs.Path(file.toUri()), hdfsPath(path));
  }

  /** Fetches a file or folder from HDFS. */
  Path fetch(String path, Path into) throws IOException {
    hdfs().copyToLocalFile(hdfsPath(path), new org.apache.hadoop.fs.Path(into.toUri()));
    return into;
  }

  String text(String path) throws IOException {
    try (var in = hdfs().open(hdfsPath(path))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  boolean exists(String path) throws IOException {
    return hdfs().exists(hdfsPath(path));
  }

  private FileSystem hdfs() throws IOException {
    return files.getFileSystem();
  }

  private static org.apache.hadoop.fs.Path hdfsPath(String path) {
    return new org.apache.hadoop.fs.Path("/" + path);
  }

  /** The application that was submitted last. */
  ApplicationReport lastApplication() throws IOException, YarnException {
    return client.getApplications().stream()
        .max(Comparator.comparing(ApplicationReport::getApplicationId))
        .orElseThrow();
  }

  /** What the containers of an application wrote to standard error, by their names. */
  Map<String, String> logs(ApplicationReport application) throws IOException {
    Map<String, String> logs = new TreeMap<>();
    for (int node = 0; node < NODES; node++) {
      Path containers = logs(folder, node).resolve(application.getApplicationId().toString());
      if (Files.isDirectory(containers)) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(containers)) {
          for (Path container : all) {
            Path log = container.resolve("stderr");
            if (Files.exists(log)) {
              logs.put(container.getFileName().toString(), Files.readString(log));
            }
          }
        }
      }
    }
    return logs;
  }

  /** The ends of the logs of the application that was submitted last, for messages of tests. */
  String ends() throws IOException, YarnException {
    if (client.getApplications().isEmpty()) {
      return "";
    }
    ApplicationReport application = lastApplication();
    StringBuilder text = new StringBuilder(application.getDiagnostics());
    logs(application)
        .forEach(
            (container, log) ->
                text.append("\n== ")
                    .append(container)
                    .append('\n')
                    .append(log.substring(Math.max(0, log.length() - 4000))));
    return text.toString();
  }

  /** The application masters or executors that run. */
  static List<ProcessHandle> containers(String program) {
    return ProcessHandle.current()
        .descendants()
        // Of the shell that starts the program, and the program, only the latter.
        .filter(process -> process.info().command().orElse("").endsWith("java"))
        .filter(process -> LocalCluster.commandLine(process).contains(program))
        .toList();
  }

  @Override
  public void close() {
    client.stop();
    // Each waits ten seconds for logs that it is to delete in some hours.
    nodes.parallelStream().forEach(NodeManager::stop);
    manager.stop();
    files.shutdown(true);
  }
}
