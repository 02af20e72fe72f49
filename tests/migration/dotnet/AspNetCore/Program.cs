// An ASP.NET Core application with a streamed body.

using Amazon.Lambda.AspNetCoreServer.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddAWSLambdaHosting(LambdaEventSource.HttpApi, options =>
{
    options.EnableResponseStreaming = true;
});

var app = builder.Build();

app.MapGet("/words", async (string text, HttpResponse response) =>
{
    response.StatusCode = StatusCodes.Status201Created;
    response.ContentType = "text/plain; charset=utf-8";
    response.Cookies.Append("seen", "1", new CookieOptions { HttpOnly = true });
    foreach (var word in text.Split(' '))
    {
        await response.WriteAsync(word + "\n");
        await Task.Delay(50);
    }
});

app.Run();
