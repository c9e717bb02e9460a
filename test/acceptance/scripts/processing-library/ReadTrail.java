import com.amazonaws.AmazonWebServiceRequest;
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.handlers.RequestHandler2;
import com.amazonaws.services.cloudtrail.processinglibrary.AWSCloudTrailProcessingExecutor;
import com.amazonaws.services.cloudtrail.processinglibrary.configuration.ClientConfiguration;
import com.amazonaws.services.cloudtrail.processinglibrary.exceptions.ProcessingLibraryException;
import com.amazonaws.services.cloudtrail.processinglibrary.interfaces.ProgressReporter;
import com.amazonaws.services.cloudtrail.processinglibrary.model.CloudTrailEvent;
import com.amazonaws.services.cloudtrail.processinglibrary.model.CloudTrailEventMetadata;
import com.amazonaws.services.cloudtrail.processinglibrary.model.LogDeliveryInfo;
import com.amazonaws.services.cloudtrail.processinglibrary.model.internal.CloudTrailDataStore;
import com.amazonaws.services.cloudtrail.processinglibrary.progress.ProgressState;
import com.amazonaws.services.cloudtrail.processinglibrary.progress.ProgressStatus;
import com.amazonaws.services.s3.AmazonS3ClientBuilder;
import com.amazonaws.services.sqs.AmazonSQSClientBuilder;
import com.amazonaws.services.sqs.model.ReceiveMessageRequest;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Reads what a trail delivers with the CloudTrail Processing Library: ReadTrail ENDPOINT REGION QUEUE-URL MESSAGES.
 * Prints one JSON object a line: {"source": attributes} for each message understood, {"event": {accessor: value}, "raw": text,
 * "file": key} for each event, {"step": state, "ok": boolean} for each step that the library ends, {"exception": text} for
 * whatever it hands to its exception handler. Ends when it has deleted that many messages of the queue, with exit code 3 if
 * that takes over a minute.
 */
public final class ReadTrail {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        var endpoint = new EndpointConfiguration(arguments[0], arguments[1]);
        var credentials = new AWSStaticCredentialsProvider(new BasicAWSCredentials("test", "test"));
        var deleted = new CountDownLatch(Integer.parseInt(arguments[3]));

        var configuration = new ClientConfiguration(arguments[2], credentials);
        configuration.setThreadCount(4);
        configuration.setMaxEventsPerEmit(7);
        configuration.setEnableRawEventInfo(true);
        // Else a message that leads to a failure comes again and again.
        configuration.setDeleteMessageUponFailure(true);
        configuration.setSqsRegion(arguments[1]);
        configuration.setS3Region(arguments[1]);

        var executor = new AWSCloudTrailProcessingExecutor.Builder(ReadTrail::print, configuration)
            .withSQSClient(AmazonSQSClientBuilder.standard().withRequestHandlers(new ShortPolls())
                .withCredentials(credentials).withEndpointConfiguration(endpoint).build())
            .withS3Client(AmazonS3ClientBuilder.standard().withPathStyleAccessEnabled(true)
                .withCredentials(credentials).withEndpointConfiguration(endpoint).build())
            .withSourceFilter(source -> {
                write(Map.of("source", source.getSourceAttributes()));
                return true;
            })
            .withExceptionHandler(ReadTrail::print)
            .withProgressReporter(new ProgressReporter() {
                @Override
                public Object reportStart(ProgressStatus status) {
                    return null;
                }

                @Override
                public void reportEnd(ProgressStatus status, Object started) {
                    var step = status.getProgressState();
                    var ok = status.getProgressInfo().isSuccess();
                    write(Map.of("step", step.name(), "ok", ok, "about", String.valueOf(status.getProgressInfo())));
                    var deletes = step == ProgressState.deleteMessage || step == ProgressState.deleteFilteredMessage;
                    if (deletes && ok) deleted.countDown();
                }
            })
            .build();
        executor.start();
        var all = deleted.await(60, TimeUnit.SECONDS);
        executor.stop();
        OUT.flush();
        Runtime.getRuntime().halt(all ? 0 : 3);
    }

    /** The library polls for twenty seconds, and nobody could end that. */
    private static final class ShortPolls extends RequestHandler2 {
        @Override
        public AmazonWebServiceRequest beforeMarshalling(AmazonWebServiceRequest request) {
            return request instanceof ReceiveMessageRequest receive ? receive.withWaitTimeSeconds(1) : request;
        }
    }

    private static void print(List<CloudTrailEvent> events) {
        for (var event : events) {
            var line = new TreeMap<String, Object>();
            line.put("event", accessors(event.getEventData()));
            CloudTrailEventMetadata metadata = event.getEventMetadata();
            if (metadata instanceof LogDeliveryInfo delivery) {
                line.put("raw", delivery.getRawEvent());
                line.put("file", delivery.getLog().getS3ObjectKey());
            }
            write(line);
        }
    }

    private static void print(ProcessingLibraryException failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        write(Map.of("exception", text.toString(), "status", String.valueOf(failure.getStatus())));
    }

    /** What each public accessor answers, by the accessor's name; nulls too. */
    private static Map<String, Object> accessors(CloudTrailDataStore store) {
        var values = new TreeMap<String, Object>();
        for (Method method : store.getClass().getDeclaredMethods()) {
            var named = method.getName().startsWith("get") || method.getName().startsWith("is");
            if (!named || method.getParameterCount() > 0 || method.isSynthetic()) continue;
            try {
                values.put(method.getName(), plain(method.invoke(store)));
            } catch (ReflectiveOperationException refused) {
                values.put(method.getName(), Map.of("threw", String.valueOf(refused.getCause())));
            }
        }
        return values;
    }

    private static Object plain(Object value) {
        if (value instanceof CloudTrailDataStore store) return accessors(store);
        if (value instanceof Date date) return date.toInstant().toString();
        if (value instanceof UUID id) return id.toString();
        if (value instanceof List<?> list) {
            var items = new ArrayList<Object>();
            for (Object item : list) items.add(plain(item));
            return Collections.unmodifiableList(items);
        }
        return value;
    }

    private static synchronized void write(Object line) {
        try {
            OUT.println(JSON.writeValueAsString(line));
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
