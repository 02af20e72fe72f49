// Words, as they are produced, in an HTTP response with a status, headers and a cookie.

using System.Net;
using Amazon.Lambda.APIGatewayEvents;
using Amazon.Lambda.Core;
using Amazon.Lambda.Core.ResponseStreaming;
using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.Serialization.SystemTextJson;

var handler = async (APIGatewayHttpApiV2ProxyRequest request, ILambdaContext context) =>
{
    using var stream = LambdaResponseStreamFactory.CreateHttpStream(new HttpResponseStreamPrelude
    {
        StatusCode = HttpStatusCode.Created,
        Headers = new Dictionary<string, string>
        {
            ["content-type"] = "text/plain; charset=utf-8",
            ["x-request-id"] = context.AwsRequestId,
        },
        Cookies = new List<string> { "seen=1; Path=/; HttpOnly" },
    });
    using var writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\n" };
    foreach (var word in request.QueryStringParameters["text"].Split(' '))
    {
        if (word == "fail")
        {
            throw new UpstreamGoneException("the upstream hung up");
        }
        await writer.WriteLineAsync(word);
        await Task.Delay(50);
    }
};

await LambdaBootstrapBuilder.Create(handler, new DefaultLambdaJsonSerializer())
    .Build()
    .RunAsync();

class UpstreamGoneException(string message) : Exception(message);
