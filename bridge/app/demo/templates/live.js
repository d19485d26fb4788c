// Puts the page's inside in anew each second. Nothing comes from elsewhere, and nothing is sent.
const main = document.getElementById("main");
async function again() {
  try {
    const answer = await fetch(main.dataset.live, {headers: {"X-Part": "main"}});
    if (answer.ok) main.innerHTML = await answer.text();
  } catch (error) {
    document.body.classList.add("over");
    return;
  }
  setTimeout(again, 1000);
}
setTimeout(again, 1000);
