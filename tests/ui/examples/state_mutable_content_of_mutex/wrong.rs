// The state is a `Mutex`, and the handler takes a mutable reference to its content.
// group: state
// marked: &mut Vec<String>
// verdict: yes, no (the attribute does not know the type of the state), yes
use lambda_stream::{Error, ResponseStream};
use tokio::sync::Mutex;

async fn setup() -> Result<Mutex<Vec<String>>, Error> {
    Ok(Mutex::new(Vec::new()))
}

#[lambda_stream::main(init = setup)]
async fn handler(name: String, names: &mut Vec<String>, mut stream: ResponseStream) -> Result<(), Error> {
    names.push(name);
    stream.write(format!("{} names", names.len())).await?;
    Ok(())
}
